#include "metrics/analyses/average_precision.h"

#include <cstddef>
#include <cstdint>
#include <numeric>

#include "metrics/coco/accumulate.h"

namespace yoake::metrics {

double AveragePrecision(const std::vector<bool>& true_positives, int truth) {
  static const std::vector<double> recalls = CocoRecallThresholds();
  const MatchGrid grid = {{.5}, {AreaRange{}}, 1};
  MatchedCategory matched;
  matched.truth_images = {0};
  matched.truth_counts = {static_cast<std::uint32_t>(truth)};
  matched.detections.resize(true_positives.size());
  for (std::size_t i = 0; i < true_positives.size(); ++i) {
    matched.detections[i].true_positive = true_positives[i] ? 1 : 0;
  }
  const CategoryCurves curves = Accumulate(matched, grid, recalls, {grid.max_detections});
  return std::accumulate(curves.precision.begin(), curves.precision.end(), 0.0) /
         static_cast<double>(recalls.size());
}

}  // namespace yoake::metrics
