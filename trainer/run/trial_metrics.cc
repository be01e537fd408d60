#include "trainer/run/trial_metrics.h"

#include "trainer/run/best_f1.h"

namespace yoake::trainer {

Metrics MetricsOf(const metrics::EvalResult& result) {
  Metrics all;
  for (const std::string& name : metrics::MetricNames()) all[name] = metrics::MetricByName(result, name);
  for (const metrics::CategoryRow& row : result.per_category) {
    all[row.category + ".mAP"] = row.mAP;
    all[row.category + ".mAP_50"] = row.mAP_50;
    all[row.category + ".mAP_75"] = row.mAP_75;
    all[row.category + ".mAP_s"] = row.mAP_s;
    all[row.category + ".mAP_m"] = row.mAP_m;
    all[row.category + ".mAP_l"] = row.mAP_l;
  }
  all["precision"] = std::nullopt;
  all["recall"] = std::nullopt;
  if (const auto point = BestF1(result.arrays)) {
    all["precision"] = point->precision;
    all["recall"] = point->recall;
  }
  return all;
}

}  // namespace yoake::trainer
