#pragma once

#include <ATen/core/Tensor.h>

namespace yoake::trainer {

// Unreduced, in the shape of `logits`; all accept soft targets in [0, 1].

// -(t log p + (1 - t) log(1 - p)), p = sigmoid(logit), computed as max(x, 0) - x t + log(1 + exp(-|x|)).
at::Tensor SigmoidCrossEntropy(const at::Tensor& logits, const at::Tensor& target);

// Lin et al. 2017, equation 5, in mmdetection's elementwise form (py_sigmoid_focal_loss):
// BCE * (alpha t + (1 - alpha)(1 - t)) * pt^gamma with pt = (1 - p) t + p (1 - t).
at::Tensor SigmoidFocal(const at::Tensor& logits, const at::Tensor& target, double gamma, double alpha);

// |pred - target|.
at::Tensor L1(const at::Tensor& pred, const at::Tensor& target);

}  // namespace yoake::trainer
