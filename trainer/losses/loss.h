#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "trainer/losses/loss_type.h"

namespace yoake::trainer {

// One term of the head: a formula, its parameters at the present epoch, reduction and weight.
class Loss {
 public:
  // Throws Error{kConfig} at "loss.<role>" for a list by category that does not fit the context's categories.
  Loss(const LossConfig& config, LossContext context);

  // Where curves are read: 0 at the beginning, fractions within an epoch.
  void SetEpoch(double epoch) { epoch_ = epoch; }

  // The side of the batch to come, where it is not the context's (augment.multi_scale).
  void SetInputSize(int pixels) { context_.input_size = pixels; }

  // Scalar: mmdetection's weight_reduce_loss without weights, times loss_weight. The mean of nothing is 0,
  // not NaN.
  at::Tensor operator()(const at::Tensor& pred, const at::Tensor& target);

  // What the loss remembers from call to call (float64), by name; most remember nothing. Saved with
  // checkpoints.
  std::map<std::string, at::Tensor>& state() { return state_; }
  std::string name() const { return NameOf(config_.role); }

 private:
  LossConfig config_;
  LossContext context_;
  LossFormula formula_;
  bool mean_over_rows_;
  bool mean_;
  double epoch_ = 0;
  std::map<std::string, at::Tensor> state_;
};

}  // namespace yoake::trainer
