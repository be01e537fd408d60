#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor Varifocal(const LossInput& in) {
  const at::Tensor positive = (in.target > 0).to(in.pred.scalar_type());
  const at::Tensor distance = (in.pred.sigmoid() - in.target).abs();
  const at::Tensor of_negative = in.PerClass("alpha") * Power(distance, in.Number("gamma"));
  const at::Tensor of_positive = in.Flag("iou_weighted") ? in.target : positive;
  return SigmoidCrossEntropy(in.pred, in.target) * (of_positive * positive + of_negative * (1 - positive));
}

}  // namespace

// Zhang et al. 2021 (VarifocalNet), equation 2; mmdet/models/losses/varifocal_loss.py.
LossType VarifocalType() {
  return {.name = "VarifocalLoss",
          .roles = {LossRole::kCls, LossRole::kObj},
          .params = {UseSigmoid(),
                     {.name = "alpha", .value = 0.75, .per_class = true},
                     {.name = "gamma", .value = 2.0, .high = 20},
                     {.name = "iou_weighted", .value = true}},
          .make = [](const LossConfig&) { return Varifocal; }};
}

}  // namespace yoake::trainer
