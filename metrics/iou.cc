#include "metrics/iou.h"

#include <algorithm>
#include <cstddef>

namespace yoake::metrics {

void BoxOverlaps(const Box& detection, std::span<const TruthShape> truths, double* ious) {
  const double area = detection.area();
  for (std::size_t g = 0; g < truths.size(); ++g) {
    const Box& truth = truths[g].box;
    const double w = std::min(detection.right(), truth.right()) - std::max(detection.x, truth.x);
    const double h = std::min(detection.bottom(), truth.bottom()) - std::max(detection.y, truth.y);
    if (w <= 0 || h <= 0) {
      ious[g] = 0;
      continue;
    }
    const double intersection = w * h;
    // The order of these operations decides the last bit, and with it matches at a threshold.
    ious[g] = intersection / (truths[g].crowd ? area : area + truth.area() - intersection);
  }
}

}  // namespace yoake::metrics
