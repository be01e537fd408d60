#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace yoake::trainer {

enum class Reduction { kSum, kMean };

// Throws Error{kConfig} at `where` for anything but "sum" and "mean".
Reduction ParseReduction(const std::string& text, const std::string& where);

// mmdetection's weight_reduce_loss without weights, times loss_weight. The mean of nothing is 0, not NaN.
at::Tensor Reduce(const at::Tensor& loss, Reduction reduction, double loss_weight);

}  // namespace yoake::trainer
