#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "trainer/config/train_config.h"
#include "trainer/optim/update_rule.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {

// Moves a module's weights against their gradients: the rule by name (update_rule.h), Megvii's groups,
// clipping and smaller steps for earlier layers. Written out because the state has to be saved by name and
// torch::optim's cannot be across LibTorch versions.
class Optimizer {
 public:
  // Megvii's three groups (yolox/exp/yolox_base.py, get_optimizer): BatchNorm scale; other weights, the only
  // ones with decay; biases.
  enum class Group { kNorm, kWeight, kBias };

  // The module's parameters must outlive this; those that do not require a gradient are left alone.
  Optimizer(const torch::nn::Module& module, const OptimizerConfig& config);

  static Group GroupOf(const std::string& name, const at::Tensor& parameter);

  // How deep a parameter lies in a YOLOX: stem 0, dark2 to dark5 1 to 4, PAFPN 5, head 6 (also for any other
  // name).
  static constexpr int kHeadDepth = 6;
  static int DepthOf(const std::string& name);
  // The rate there, as a factor: layer_decay^(6 - depth), as in Clark et al. 2020 (ELECTRA).
  static double RateFactor(double layer_decay, int depth);

  // One step with the gradients that backward() left; parameters without one are skipped. `number` from 1.
  // Returns the norm of all gradients together before clipping; 0 when nothing is clipped.
  double Step(double lr, std::int64_t number);
  void ZeroGrad();
  // Multiplies what backward() left.
  void ScaleGradients(double factor);

  // The rule's memory by parameter name ("2:NAME" for its second tensor), to save and resume. LoadState
  // throws Error{kData} on a missing name or another shape.
  StateDict State() const;
  void LoadState(const StateDict& state);

 private:
  struct Entry {
    std::string name;
    at::Tensor parameter;
    std::vector<at::Tensor> memory;
    double weight_decay;
    double lr_factor;
  };
  double ClipFactor(double* norm) const;

  std::vector<Entry> entries_;
  OptimizerConfig config_;
  const UpdateRule& rule_;
};

}  // namespace yoake::trainer
