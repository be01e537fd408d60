#include "metrics/matching/iou.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace yoake::metrics {
namespace {

// `area` is the detection's. The order of these operations decides the last bit, and with it matches at a
// threshold.
double BoxOverlap(const Box& detection, double area, const TruthShape& truth) {
  const double w = std::min(detection.right(), truth.box.right()) - std::max(detection.x, truth.box.x);
  const double h = std::min(detection.bottom(), truth.box.bottom()) - std::max(detection.y, truth.box.y);
  if (w <= 0 || h <= 0) return 0;
  const double intersection = w * h;
  return intersection / (truth.crowd ? area : area + truth.box.area() - intersection);
}

double MaskOverlap(const datasets::Mask& detection, const TruthShape& truth) {
  const datasets::Mask& mask = *truth.mask;
  if (mask.height != detection.height || mask.width != detection.width) return 0;
  const std::uint64_t intersection = MaskIntersection(detection, mask);
  if (intersection == 0) return 0;
  const std::uint64_t area = MaskArea(detection);
  return static_cast<double>(intersection) /
         static_cast<double>(truth.crowd ? area : area + MaskArea(mask) - intersection);
}

}  // namespace

void Overlaps(const Shape& detection, std::span<const TruthShape> truths, double* ious) {
  const double area = detection.box.area();
  for (std::size_t g = 0; g < truths.size(); ++g) {
    ious[g] = BoxOverlap(detection.box, area, truths[g]);
    if (detection.mask != nullptr && ious[g] > 0) ious[g] = MaskOverlap(*detection.mask, truths[g]);
  }
}

}  // namespace yoake::metrics
