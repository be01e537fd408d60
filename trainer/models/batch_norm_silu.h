#pragma once

#include <ATen/core/Tensor.h>

namespace yoake::trainer {

struct BatchNormOptions {
  bool training =
      true;  // Batch statistics, and the running ones move; else the running statistics normalise.
  double momentum = .03;
  double eps = 1e-3;
};

// silu(batch_norm(x)) as one differentiable step. x: [B, C, H, W]; weight, bias and statistics: [C].
//
// Float32 on the CPU takes our own kernel over the [B*H*W, C] view and answers in channels_last:
// LibTorch 1.13 sums channels_last statistics in one long float chain and loses digits (the stem's mean by
// 7e-4, an untrained nano's gradient altogether), ours sum blocks around a pivot and join them in double, in
// an order that does not depend on the number of threads. Fused it is faster, too: backward recomputes
// instead of keeping the normalised and the activated map. Other types and devices take torch's own two
// operations. When nothing needs a gradient and training is off, x's memory may be reused for the answer.
at::Tensor BatchNormSilu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         at::Tensor& running_mean, at::Tensor& running_var, const BatchNormOptions& options);

}  // namespace yoake::trainer
