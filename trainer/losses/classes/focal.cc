#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor Focal(const LossInput& in) {
  const at::Tensor alpha = in.PerClass("alpha");
  const at::Tensor p = in.pred.sigmoid();
  const at::Tensor miss = (1 - p) * in.target + p * (1 - in.target);
  const at::Tensor weight = alpha * in.target + (1 - alpha) * (1 - in.target);
  return SigmoidCrossEntropy(in.pred, in.target) * weight * Power(miss, in.Number("gamma"));
}

}  // namespace

// Lin et al. 2017, equation 5, in mmdetection's elementwise form (py_sigmoid_focal_loss).
LossType FocalType() {
  return {.name = "FocalLoss",
          .roles = {LossRole::kCls, LossRole::kObj},
          .params = {UseSigmoid(),
                     {.name = "gamma", .value = 2.0, .high = 20},
                     {.name = "alpha", .value = 0.25, .high = 1, .per_class = true}},
          .make = [](const LossConfig&) { return Focal; }};
}

}  // namespace yoake::trainer
