#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor Diou(const LossInput& in) {
  const double eps = in.Number("eps");
  const BoxPair pair(in.pred, in.target);
  return 1 - (pair.intersection / (pair.union_area + eps) - pair.CentrePenalty(eps)).clamp(-1, 1);
}

}  // namespace

// 1 - (IoU - d^2 / c^2): Zheng et al. 2020; mmdetection's DIoULoss.
LossType DiouType() {
  return {.name = "DIoULoss", .roles = {LossRole::kBbox}, .params = {Eps()}, .make = [](const LossConfig&) {
            return Diou;
          }};
}

}  // namespace yoake::trainer
