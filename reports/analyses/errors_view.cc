#include <fmt/format.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "metrics/analyses/error_breakdown.h"
#include "reports/analyses/analysis_view.h"
#include "reports/analyses/view_parts.h"

namespace yoake::reports {
namespace {

using metrics::DetectionFault;
using metrics::ErrorEffects;
using metrics::kDetectionFaults;

std::string FaultName(std::size_t fault) {
  return std::string(metrics::ToString(static_cast<DetectionFault>(fault)));
}

class ErrorsView : public AnalysisView {
 public:
  explicit ErrorsView(const metrics::AnalysisInput& input)
      : categories_(LabelsOf(input.set())), options_(input.options()) {
    breakdown_ =
        BreakDownErrors(input.overlaps(), {options_.iou, options_.background_iou, options_.max_detections});
  }

  std::vector<NamedTable> Tables(Detail detail) const override {
    return {OverallTable(detail), CategoryTable(detail)};
  }

  nlohmann::json Json() const override {
    nlohmann::json json = {{"iou", options_.iou},
                           {"background_iou", options_.background_iou},
                           {"max_detections_per_image", options_.max_detections},
                           {"all", EffectsJson(breakdown_.all)}};
    json["per_category"] =
        PerCategoryJson(categories_, [&](std::size_t k) { return EffectsJson(breakdown_.categories[k]); });
    return json;
  }

 private:
  NamedTable OverallTable(Detail detail) const {
    const ErrorEffects& all = breakdown_.all;
    NamedTable named = {"errors",
                        fmt::format("Errors (TIDE): what mending them would add to AP {} at {}",
                                    NumberFor(detail, all.ap), IouText(options_.iou)),
                        "Each kind mended alone; gains do not add up.",
                        {}};
    named.table.columns = {{"error", Align::kLeft}, {"count"}, {"gain"}};
    for (std::size_t fault = 0; fault < kDetectionFaults; ++fault) {
      named.table.rows.push_back(
          {FaultName(fault), std::to_string(all.counts[fault]), NumberFor(detail, all.gain[fault])});
    }
    named.table.rows.push_back({"all false positives", "", NumberFor(detail, all.gain_no_false_positives)});
    named.table.rows.push_back({"all false negatives", "", NumberFor(detail, all.gain_no_false_negatives)});
    return named;
  }

  NamedTable CategoryTable(Detail detail) const {
    NamedTable named = {"errors_by_category",
                        "Errors by category: count and gain of AP",
                        "A detection counts for the category it predicts, a missed box for its own.",
                        {}};
    named.table.columns = {{"category", Align::kLeft}, {"AP"}};
    for (std::size_t fault = 0; fault < kDetectionFaults; ++fault) {
      named.table.columns.push_back({FaultName(fault)});
      named.table.columns.push_back({"gain"});
    }
    for (std::size_t k = 0; k < categories_.names.size(); ++k) {
      const ErrorEffects& effects = breakdown_.categories[k];
      std::vector<Cell> cells = {categories_.names[k], NumberFor(detail, effects.ap)};
      for (std::size_t fault = 0; fault < kDetectionFaults; ++fault) {
        cells.push_back(std::to_string(effects.counts[fault]));
        cells.push_back(NumberFor(detail, effects.gain[fault]));
      }
      named.table.rows.push_back(std::move(cells));
    }
    return named;
  }

  static nlohmann::json EffectsJson(const ErrorEffects& effects) {
    nlohmann::json json = {{"AP", OrNull(effects.ap)},
                           {"gain_no_false_positives", OrNull(effects.gain_no_false_positives)},
                           {"gain_no_false_negatives", OrNull(effects.gain_no_false_negatives)}};
    for (std::size_t fault = 0; fault < kDetectionFaults; ++fault) {
      json["errors"][FaultName(fault)] = {{"count", effects.counts[fault]},
                                          {"gain", OrNull(effects.gain[fault])}};
    }
    return json;
  }

  CategoryLabels categories_;
  metrics::AnalysisOptions options_;
  metrics::ErrorBreakdown breakdown_;
};

}  // namespace

std::unique_ptr<AnalysisView> MakeErrorsView(const metrics::AnalysisInput& input) {
  return std::make_unique<ErrorsView>(input);
}

}  // namespace yoake::reports
