#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor QualityFocal(const LossInput& in) {
  const at::Tensor distance = (in.target - in.pred.sigmoid()).abs();
  return SigmoidCrossEntropy(in.pred, in.target) * Power(distance, in.Number("beta"));
}

}  // namespace

// Li et al. 2020 (Generalized Focal Loss), equation 2; mmdetection's tensor form, which sums over the classes
// before the mean.
LossType QualityFocalType() {
  return {.name = "QualityFocalLoss",
          .roles = {LossRole::kCls, LossRole::kObj},
          .params = {UseSigmoid(), {.name = "beta", .value = 2.0, .high = 20}},
          .make = [](const LossConfig&) { return QualityFocal; },
          .mean_over_rows = true};
}

}  // namespace yoake::trainer
