#include "trainer/losses/boxes/overlap.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace yoake::trainer {

Corners::Corners(const at::Tensor& boxes)
    : x1(boxes.select(1, 0)), y1(boxes.select(1, 1)), x2(boxes.select(1, 2)), y2(boxes.select(1, 3)) {}

at::Tensor Corners::w() const { return x2 - x1; }
at::Tensor Corners::h() const { return y2 - y1; }
at::Tensor Corners::cx() const { return (x1 + x2) / 2; }
at::Tensor Corners::cy() const { return (y1 + y2) / 2; }

BoxPair::BoxPair(const at::Tensor& pred, const at::Tensor& target)
    : a(pred),
      b(target),
      hull_w(at::maximum(a.x2, b.x2) - at::minimum(a.x1, b.x1)),
      hull_h(at::maximum(a.y2, b.y2) - at::minimum(a.y1, b.y1)) {
  const at::Tensor w = (at::minimum(a.x2, b.x2) - at::maximum(a.x1, b.x1)).clamp_min(0);
  const at::Tensor h = (at::minimum(a.y2, b.y2) - at::maximum(a.y1, b.y1)).clamp_min(0);
  intersection = w * h;
  union_area = a.w() * a.h() + b.w() * b.h() - intersection;
}

at::Tensor BoxPair::CentrePenalty(double eps) const {
  const at::Tensor dx = b.x1 + b.x2 - (a.x1 + a.x2);
  const at::Tensor dy = b.y1 + b.y2 - (a.y1 + a.y2);
  return (dx.square() + dy.square()) / 4 / (hull_w.square() + hull_h.square() + eps);
}

at::Tensor BoxPair::AspectPenalty(double eps) const {
  const double pi = std::acos(-1.0);
  return 4 / (pi * pi) * (at::atan(b.w() / (b.h() + eps)) - at::atan(a.w() / (a.h() + eps))).square();
}

at::Tensor BoxPair::AspectWeight(const at::Tensor& iou, const at::Tensor& v) {
  const at::NoGradGuard no_grad;
  // The floor matters for equal boxes only, where mmdetection's 0/0 gives NaN.
  return (iou > .5).to(v.scalar_type()) * v / (1 - iou + v).clamp_min(1e-12);
}

LossParam Eps(double value) { return {.name = "eps", .value = value, .low = 1e-30, .high = 0.1}; }

}  // namespace yoake::trainer
