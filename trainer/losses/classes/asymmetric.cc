#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor Asymmetric(const LossInput& in) {
  constexpr double kTiny = 1e-12;  // Keeps the slope of the power finite.
  const at::Tensor p = in.pred.sigmoid();
  const at::Tensor kept = (1 - p + in.Number("clip")).clamp_max(1);
  const at::Tensor pt = kept * (1 - in.target) + p * in.target;
  const at::Tensor gamma = in.Number("gamma_pos") * in.target + in.Number("gamma_neg") * (1 - in.target);
  return -pt.clamp_min(in.Number("eps")).log() * at::pow((1 - pt).clamp_min(kTiny), gamma);
}

}  // namespace

// Ridnik et al. 2021 (ASL), equation 7; mmpretrain's AsymmetricLoss, soft targets mixing its two sides.
LossType AsymmetricType() {
  return {.name = "AsymmetricLoss",
          .roles = {LossRole::kCls, LossRole::kObj},
          .params = {UseSigmoid(),
                     {.name = "gamma_pos", .value = 0.0, .high = 20},
                     {.name = "gamma_neg", .value = 4.0, .high = 20},
                     {.name = "clip", .value = 0.05, .high = 1},
                     {.name = "eps", .value = 1e-8, .low = 1e-30, .high = 0.1}},
          .make = [](const LossConfig&) { return Asymmetric; }};
}

}  // namespace yoake::trainer
