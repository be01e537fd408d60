#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor CrossEntropy(const LossInput& in) {
  const at::Tensor weight = in.PerClass("class_weight");
  if (weight.dim() == 0 && weight.item<double>() == 1) return SigmoidCrossEntropy(in.pred, in.target);
  return at::binary_cross_entropy_with_logits(in.pred, in.target, {}, weight, at::Reduction::None);
}

}  // namespace

// mmdet/models/losses/cross_entropy_loss.py: class_weight weighs the positives of a class (pos_weight).
LossType CrossEntropyType() {
  return {.name = "CrossEntropyLoss",
          .roles = {LossRole::kCls, LossRole::kObj},
          .params = {UseSigmoid(), {.name = "class_weight", .value = 1.0, .per_class = true}},
          .make = [](const LossConfig&) { return CrossEntropy; }};
}

}  // namespace yoake::trainer
