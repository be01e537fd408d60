#include "trainer/run/best_f1.h"

#include <algorithm>
#include <vector>

namespace yoake::trainer {
namespace {

// One category at IoU .5, all areas, most detections: score and precision at recall 0, .01, ... 1.
struct Curve {
  std::vector<double> scores;  // Falling; 0 where the recall is not reached.
  std::vector<double> precision;
};

std::vector<Curve> CurvesOf(const metrics::CocoArrays& arrays) {
  std::vector<Curve> curves;
  for (int k = 0; k < arrays.categories; ++k) {
    Curve curve;
    for (int r = 0; r < arrays.recalls; ++r) {
      const auto at =
          static_cast<std::size_t>(((r * arrays.categories + k) * arrays.areas + 0) * arrays.max_detections +
                                   arrays.max_detections - 1);
      curve.scores.push_back(arrays.scores[at]);
      curve.precision.push_back(arrays.precision[at]);
    }
    if (!curve.precision.empty() && curve.precision[0] >= 0) curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace

std::optional<OperatingPoint> BestF1(const metrics::CocoArrays& arrays) {
  if (arrays.precision.empty() || arrays.thresholds == 0 || arrays.recalls < 2) return std::nullopt;
  const std::vector<Curve> curves = CurvesOf(arrays);
  if (curves.empty()) return std::nullopt;
  constexpr int kThresholds = 1000;
  OperatingPoint best;
  double best_f1 = 0;
  for (int i = 1; i <= kThresholds; ++i) {
    const double threshold = static_cast<double>(i) / kThresholds;
    double f1 = 0;
    double precision = 0;
    double recall = 0;
    for (const Curve& curve : curves) {
      const auto reached = std::partition_point(curve.scores.begin(), curve.scores.end(),
                                                [&](double score) { return score >= threshold; });
      if (reached == curve.scores.begin()) continue;
      const auto last = static_cast<std::size_t>(reached - curve.scores.begin()) - 1;
      const double p = curve.precision[last];
      const double r = static_cast<double>(last) / (arrays.recalls - 1);
      precision += p;
      recall += r;
      if (p + r > 0) f1 += 2 * p * r / (p + r);
    }
    if (f1 <= best_f1) continue;
    best_f1 = f1;
    const auto count = static_cast<double>(curves.size());
    best = {precision / count, recall / count, threshold};
  }
  return best;
}

}  // namespace yoake::trainer
