#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

// One parameter's step.
struct Update {
  at::Tensor& parameter;
  const at::Tensor& gradient;
  std::vector<at::Tensor>& memory;  // Of the parameter's shape, zeros at first.
  double lr;
  double weight_decay;
  std::int64_t step;  // From 1.
  const OptimizerConfig& config;
};

// How a gradient becomes a step. A new one is a function and a line in update_rule.cc.
struct UpdateRule {
  std::string name;
  int memory;  // Tensors a parameter.
  void (*apply)(const Update& update);
};

// Throws Error{kConfig} at "optimizer.type" for an unknown name.
const UpdateRule& FindUpdateRule(const std::string& name);

}  // namespace yoake::trainer
