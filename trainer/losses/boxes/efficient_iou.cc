#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor EfficientIou(const LossInput& in) {
  const double eps = in.Number("eps");
  const double gamma = in.Number("gamma");
  const BoxPair pair(in.pred, in.target);
  const at::Tensor iou = pair.intersection / (pair.union_area + eps);
  const at::Tensor sides = (pair.a.w() - pair.b.w()).square() / (pair.hull_w.square() + eps) +
                           (pair.a.h() - pair.b.h()).square() / (pair.hull_h.square() + eps);
  const at::Tensor loss = 1 - iou + pair.CentrePenalty(eps) + sides;
  return gamma == 0 ? loss : loss * Power(iou.detach(), gamma);
}

}  // namespace

// Zhang et al. 2022 (Focal and Efficient IoU), equation 6; gamma > 0 gives its focal form (equation 11),
// whose weight IoU^gamma is a constant to the gradient.
LossType EfficientIouType() {
  return {.name = "EfficientIoULoss",
          .roles = {LossRole::kBbox},
          .params = {Eps(), {.name = "gamma", .value = 0.0, .high = 10}},
          .make = [](const LossConfig&) { return EfficientIou; }};
}

}  // namespace yoake::trainer
