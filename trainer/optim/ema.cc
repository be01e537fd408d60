#include "trainer/optim/ema.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {

Ema::Ema(const torch::nn::Module& model, torch::nn::Module& average, const EmaConfig& config,
         std::int64_t total_steps)
    : config_(config),
      ramp_steps_(config.ramp_steps.value_or(std::clamp(static_cast<double>(total_steps) / 5, 1.0, 2000.0))) {
  const at::NoGradGuard no_grad;
  const StateDict weights = StateOf(model);
  const StateDict averages = StateOf(average);
  if (weights.size() != averages.size()) {
    throw Error(ErrorKind::kInternal, "the averaged model has another shape than the trained one");
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    averages[i].second.copy_(weights[i].second);
    pairs_.emplace_back(averages[i].second, weights[i].second);
  }
}

double Ema::Decay(std::int64_t step) const {
  if (!config_.enabled) return 0;
  return config_.decay * (1 - std::exp(-static_cast<double>(step) / ramp_steps_));
}

void Ema::Update(std::int64_t step) {
  const at::NoGradGuard no_grad;
  const double decay = Decay(step);
  for (auto& [average, weights] : pairs_) {
    if (decay > 0 && average.is_floating_point()) {
      average.mul_(decay).add_(weights, 1 - decay);
    } else {
      average.copy_(weights);
    }
  }
}

}  // namespace yoake::trainer
