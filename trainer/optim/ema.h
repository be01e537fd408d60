#pragma once

#include <torch/nn/module.h>

#include <cstdint>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

// Exponential moving average of a model's weights, kept in a second model of the same shape: after step t
// (from 1) average = d * average + (1 - d) * weights, with d = decay * (1 - exp(-t / ramp_steps)). Averages
// parameters and floating buffers (BatchNorm's statistics); counters are copied.
//
// The ramp decides how short runs behave: d stays below 1 - exp(-t / ramp), a window of exp(t / ramp) steps.
// With Megvii's 2000 steps the window is under two steps at step 1000, so the average is the raw weights;
// with a fifth of the run it grows to about 150 steps at the end of any run.
class Ema {
 public:
  // Copies `model` into `average`. Both must outlive this. `total_steps` is the length of the whole run.
  Ema(const torch::nn::Module& model, torch::nn::Module& average, const EmaConfig& config,
      std::int64_t total_steps);

  void Update(std::int64_t step);
  double Decay(std::int64_t step) const;

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> pairs_;  // Average, weights.
  EmaConfig config_;
  double ramp_steps_;
};

}  // namespace yoake::trainer
