#include "trainer/losses/box_losses.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/error.h"

namespace yoake::trainer {
namespace {

// Columns of an [N, 4] tensor.
struct Corners {
  explicit Corners(const at::Tensor& boxes)
      : x1(boxes.select(1, 0)), y1(boxes.select(1, 1)), x2(boxes.select(1, 2)), y2(boxes.select(1, 3)) {}
  at::Tensor w() const { return x2 - x1; }
  at::Tensor h() const { return y2 - y1; }
  at::Tensor x1, y1, x2, y2;
};

struct Overlap {
  at::Tensor intersection;
  at::Tensor union_area;
};

Overlap MakeOverlap(const Corners& a, const Corners& b) {
  const at::Tensor w = (at::minimum(a.x2, b.x2) - at::maximum(a.x1, b.x1)).clamp_min(0);
  const at::Tensor h = (at::minimum(a.y2, b.y2) - at::maximum(a.y1, b.y1)).clamp_min(0);
  const at::Tensor intersection = w * h;
  return {intersection, a.w() * a.h() + b.w() * b.h() - intersection};
}

at::Tensor HullWidth(const Corners& a, const Corners& b) {
  return at::maximum(a.x2, b.x2) - at::minimum(a.x1, b.x1);
}
at::Tensor HullHeight(const Corners& a, const Corners& b) {
  return at::maximum(a.y2, b.y2) - at::minimum(a.y1, b.y1);
}

at::Tensor CentrePenalty(const Corners& a, const Corners& b, double eps) {
  const at::Tensor diagonal = HullWidth(a, b).square() + HullHeight(a, b).square() + eps;
  const at::Tensor dx = b.x1 + b.x2 - (a.x1 + a.x2);
  const at::Tensor dy = b.y1 + b.y2 - (a.y1 + a.y2);
  return (dx.square() + dy.square()) / 4 / diagonal;
}

}  // namespace

IouMode ParseIouMode(const std::string& text, const std::string& where) {
  if (text == "linear") return IouMode::kLinear;
  if (text == "square") return IouMode::kSquare;
  if (text == "log") return IouMode::kLog;
  throw Error(ErrorKind::kConfig, "unknown mode \"" + text + "\"; known: linear, square, log",
              where + ".mode");
}

at::Tensor IouLoss(const at::Tensor& pred, const at::Tensor& target, IouMode mode, double eps) {
  const Overlap overlap = MakeOverlap(Corners(pred), Corners(target));
  // mmdetection's bbox_overlaps floors the union at its own 1e-6 whatever the loss's eps.
  const at::Tensor iou = (overlap.intersection / overlap.union_area.clamp_min(1e-6)).clamp_min(eps);
  switch (mode) {
    case IouMode::kLinear:
      return 1 - iou;
    case IouMode::kSquare:
      return 1 - iou.square();
    case IouMode::kLog:
      return -iou.log();
  }
  throw Error(ErrorKind::kInternal, "IoU mode out of range");
}

at::Tensor GiouLoss(const at::Tensor& pred, const at::Tensor& target, double eps) {
  const Corners a(pred);
  const Corners b(target);
  const Overlap overlap = MakeOverlap(a, b);
  const at::Tensor union_area = overlap.union_area.clamp_min(eps);
  const at::Tensor hull = (HullWidth(a, b) * HullHeight(a, b)).clamp_min(eps);
  return 1 - (overlap.intersection / union_area - (hull - union_area) / hull);
}

at::Tensor DiouLoss(const at::Tensor& pred, const at::Tensor& target, double eps) {
  const Corners a(pred);
  const Corners b(target);
  const Overlap overlap = MakeOverlap(a, b);
  return 1 - (overlap.intersection / (overlap.union_area + eps) - CentrePenalty(a, b, eps)).clamp(-1, 1);
}

at::Tensor CiouLoss(const at::Tensor& pred, const at::Tensor& target, double eps) {
  const Corners a(pred);
  const Corners b(target);
  const Overlap overlap = MakeOverlap(a, b);
  const at::Tensor iou = overlap.intersection / (overlap.union_area + eps);
  const double pi = std::acos(-1.0);
  const at::Tensor v =
      4 / (pi * pi) * (at::atan(b.w() / (b.h() + eps)) - at::atan(a.w() / (a.h() + eps))).square();
  at::Tensor alpha;
  {
    const at::NoGradGuard no_grad;
    // The floor matters for equal boxes only, where mmdetection's 0/0 gives NaN.
    alpha = (iou > .5).to(v.scalar_type()) * v / (1 - iou + v).clamp_min(1e-12);
  }
  return 1 - (iou - CentrePenalty(a, b, eps) - alpha * v).clamp(-1, 1);
}

}  // namespace yoake::trainer
