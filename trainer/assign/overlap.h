#pragma once

#include <algorithm>
#include <cmath>

namespace yoake::trainer {

// Of two boxes cx, cy, w, h; 0 also for 0/0 and for predictions that overflowed. float32 and in Megvii's
// order of operations, so that discrete choices come out the same.
inline float Iou(const float* a, const float* b) {
  const float w = std::min(a[0] + a[2] / 2, b[0] + b[2] / 2) - std::max(a[0] - a[2] / 2, b[0] - b[2] / 2);
  const float h = std::min(a[1] + a[3] / 2, b[1] + b[3] / 2) - std::max(a[1] - a[3] / 2, b[1] - b[3] / 2);
  const float intersection = w > 0 && h > 0 ? w * h : 0;
  const float iou = intersection / (a[2] * a[3] + b[2] * b[3] - intersection);
  return iou > 0 ? iou : 0;
}

inline float Sigmoid(float logit) { return 1 / (1 + std::exp(-logit)); }

}  // namespace yoake::trainer
