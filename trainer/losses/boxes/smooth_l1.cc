#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor SmoothL1(const LossInput& in) {
  return at::smooth_l1_loss(in.pred, in.target, at::Reduction::None, in.Number("beta"));
}

}  // namespace

// Girshick 2015, equation 3: d^2 / (2 beta) below beta, |d| - beta / 2 above; mmdetection's SmoothL1Loss.
LossType SmoothL1Type() {
  return {.name = "SmoothL1Loss",
          .roles = {LossRole::kL1, LossRole::kBbox},
          .params = {{.name = "beta", .value = 1.0, .low = 1e-9, .high = 10000}},
          .make = [](const LossConfig&) { return SmoothL1; }};
}

}  // namespace yoake::trainer
