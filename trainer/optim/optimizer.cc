#include "trainer/optim/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"

namespace yoake::trainer {
namespace {

std::string MemoryName(const std::string& parameter, std::size_t index) {
  return index == 0 ? parameter : std::to_string(index + 1) + ":" + parameter;
}

}  // namespace

Optimizer::Group Optimizer::GroupOf(const std::string& name, const at::Tensor& parameter) {
  if (name.ends_with(".bias")) return Group::kBias;
  return parameter.dim() > 1 ? Group::kWeight : Group::kNorm;
}

int Optimizer::DepthOf(const std::string& name) {
  const std::string trunk = "backbone.backbone.";
  if (name.starts_with(trunk + "stem")) return 0;
  for (int stage = 2; stage <= 5; ++stage) {
    if (name.starts_with(trunk + "dark" + std::to_string(stage))) return stage - 1;
  }
  return name.starts_with("backbone.") ? kHeadDepth - 1 : kHeadDepth;
}

double Optimizer::RateFactor(double layer_decay, int depth) {
  return std::pow(layer_decay, kHeadDepth - depth);
}

Optimizer::Optimizer(const torch::nn::Module& module, const OptimizerConfig& config)
    : config_(config), rule_(FindUpdateRule(config.type)) {
  for (const auto& item : module.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    const double decay = GroupOf(item.key(), item.value()) == Group::kWeight ? config.weight_decay : 0;
    std::vector<at::Tensor> memory;
    for (int i = 0; i < rule_.memory; ++i) memory.push_back(at::zeros_like(item.value()));
    entries_.push_back({item.key(), item.value(), std::move(memory), decay,
                        RateFactor(config.layer_decay, DepthOf(item.key()))});
  }
}

// torch.nn.utils.clip_grad_norm_.
double Optimizer::ClipFactor(double* norm) const {
  if (config_.clip_norm == 0) return 1;
  double squares = 0;
  for (const Entry& entry : entries_) {
    const at::Tensor& gradient = entry.parameter.grad();
    if (gradient.defined()) squares += gradient.square().sum(at::kDouble).item<double>();
  }
  *norm = std::sqrt(squares);
  return std::min(1.0, config_.clip_norm / (*norm + 1e-6));
}

double Optimizer::Step(double lr, std::int64_t number) {
  const at::NoGradGuard no_grad;
  double norm = 0;
  const double factor = ClipFactor(&norm);
  for (Entry& entry : entries_) {
    at::Tensor gradient = entry.parameter.grad();
    if (!gradient.defined()) continue;
    if (factor < 1) gradient = gradient * factor;
    rule_.apply({.parameter = entry.parameter,
                 .gradient = gradient,
                 .memory = entry.memory,
                 .lr = lr * entry.lr_factor,
                 .weight_decay = entry.weight_decay,
                 .step = number,
                 .config = config_});
  }
  return norm;
}

void Optimizer::ZeroGrad() {
  for (Entry& entry : entries_) {
    if (entry.parameter.grad().defined()) entry.parameter.mutable_grad().zero_();
  }
}

void Optimizer::ScaleGradients(double factor) {
  for (Entry& entry : entries_) {
    if (entry.parameter.grad().defined()) entry.parameter.mutable_grad().mul_(factor);
  }
}

StateDict Optimizer::State() const {
  StateDict state;
  for (const Entry& entry : entries_) {
    for (std::size_t i = 0; i < entry.memory.size(); ++i) {
      state.emplace_back(MemoryName(entry.name, i), entry.memory[i]);
    }
  }
  return state;
}

void Optimizer::LoadState(const StateDict& state) {
  const at::NoGradGuard no_grad;
  const std::map<std::string, at::Tensor> saved(state.begin(), state.end());
  for (Entry& entry : entries_) {
    for (std::size_t i = 0; i < entry.memory.size(); ++i) {
      const std::string name = MemoryName(entry.name, i);
      const auto found = saved.find(name);
      if (found == saved.end() || found->second.sizes() != entry.memory[i].sizes()) {
        throw Error(ErrorKind::kData,
                    "the checkpoint's optimizer state does not fit this model at '" + name + "'");
      }
      entry.memory[i].copy_(found->second);
    }
  }
}

}  // namespace yoake::trainer
