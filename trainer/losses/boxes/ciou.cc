#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor Ciou(const LossInput& in) {
  const double eps = in.Number("eps");
  const BoxPair pair(in.pred, in.target);
  const at::Tensor iou = pair.intersection / (pair.union_area + eps);
  const at::Tensor v = pair.AspectPenalty(eps);
  return 1 - (iou - pair.CentrePenalty(eps) - BoxPair::AspectWeight(iou, v) * v).clamp(-1, 1);
}

}  // namespace

// 1 - clamp(IoU - d^2 / c^2 - alpha v, -1, 1): Zheng et al. 2020; mmdetection's CIoULoss.
LossType CiouType() {
  return {.name = "CIoULoss", .roles = {LossRole::kBbox}, .params = {Eps()}, .make = [](const LossConfig&) {
            return Ciou;
          }};
}

}  // namespace yoake::trainer
