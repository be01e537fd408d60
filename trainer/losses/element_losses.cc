#include "trainer/losses/element_losses.h"

#include <ATen/ATen.h>

namespace yoake::trainer {

at::Tensor SigmoidCrossEntropy(const at::Tensor& logits, const at::Tensor& target) {
  return at::binary_cross_entropy_with_logits(logits, target, {}, {}, at::Reduction::None);
}

at::Tensor SigmoidFocal(const at::Tensor& logits, const at::Tensor& target, double gamma, double alpha) {
  const at::Tensor p = logits.sigmoid();
  const at::Tensor pt = (1 - p) * target + p * (1 - target);
  const at::Tensor weight = alpha * target + (1 - alpha) * (1 - target);
  return SigmoidCrossEntropy(logits, target) * weight * pt.pow(gamma);
}

at::Tensor L1(const at::Tensor& pred, const at::Tensor& target) { return (pred - target).abs(); }

}  // namespace yoake::trainer
