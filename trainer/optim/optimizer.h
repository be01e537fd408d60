#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "trainer/checkpoint.h"
#include "trainer/train_config.h"

namespace yoake::trainer {

// SGD with Nesterov momentum, the arithmetic of torch.optim.SGD(nesterov=True): g += decay * w; v = m * v +
// g; w -= lr * (g + m * v). Written out because the state has to be saved by name and torch::optim's cannot
// be across LibTorch versions.
class Sgd {
 public:
  // Megvii's three groups (yolox/exp/yolox_base.py, get_optimizer).
  enum class Group {
    kNorm,
    kWeight,
    kBias
  };  // BatchNorm scale; other weights, the only ones with decay; biases.

  // The module's parameters must outlive this.
  Sgd(const torch::nn::Module& module, const OptimizerConfig& config);

  static Group GroupOf(const std::string& name, const at::Tensor& parameter);

  // One step with the gradients that backward() left; parameters without one are skipped.
  void Step(double lr);
  void ZeroGrad();

  // Momentum by parameter name, to save and resume. LoadState throws Error{kData} on a missing name or
  // another shape.
  StateDict State() const;
  void LoadState(const StateDict& state);

 private:
  struct Entry {
    std::string name;
    at::Tensor parameter;
    at::Tensor velocity;
    double weight_decay;
  };
  std::vector<Entry> entries_;
  double momentum_;
};

}  // namespace yoake::trainer
