#include <ATen/ATen.h>

#include <cmath>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

// ((1 - e^-|w - w'| / max(w, w')))^4, of a side's two lengths.
at::Tensor ShapeCost(const at::Tensor& a, const at::Tensor& b, double eps) {
  return (1 - at::exp(-(a - b).abs() / at::maximum(a, b).clamp_min(eps))).pow(4);
}

at::Tensor ScyllaIou(const LossInput& in) {
  const double eps = in.Number("eps");
  const BoxPair pair(in.pred, in.target);
  const at::Tensor iou = pair.intersection / (pair.union_area + eps);
  const at::Tensor dx = pair.b.cx() - pair.a.cx() + eps;
  const at::Tensor dy = pair.b.cy() - pair.a.cy() + eps;
  const at::Tensor distance = (dx.square() + dy.square()).sqrt();
  const at::Tensor across = dx.abs() / distance;
  const at::Tensor sine = at::where(across > std::sqrt(.5), dy.abs() / distance, across);
  const at::Tensor angle_cost = at::sin(2 * at::asin(sine));
  const at::Tensor gamma = in.Flag("neg_gamma") ? angle_cost - 2 : 2 - angle_cost;
  const at::Tensor distance_cost = 2 - at::exp(gamma * (dx / pair.hull_w.clamp_min(eps)).square()) -
                                   at::exp(gamma * (dy / pair.hull_h.clamp_min(eps)).square());
  const at::Tensor shape_cost =
      ShapeCost(pair.a.w(), pair.b.w(), eps) + ShapeCost(pair.a.h(), pair.b.h(), eps);
  return 1 - (iou - (distance_cost + shape_cost) / 2).clamp(-1, 1);
}

}  // namespace

// Gevorgyan 2022 (SIoU), equations 1 to 6; mmdetection's SIoULoss. Its default neg_gamma false rewards
// distance (the sign of the exponent); true is the paper's.
LossType ScyllaIouType() {
  return {.name = "SIoULoss",
          .roles = {LossRole::kBbox},
          .params = {Eps(), {.name = "neg_gamma", .value = false}},
          .make = [](const LossConfig&) { return ScyllaIou; }};
}

}  // namespace yoake::trainer
