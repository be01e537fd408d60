#include "trainer/optim/sgd.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>

#include "core/error.h"

namespace yoake::trainer {
namespace {

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

Sgd::Group Sgd::GroupOf(const std::string& name, const at::Tensor& parameter) {
  if (EndsWith(name, ".bias")) return Group::kBias;
  return parameter.dim() > 1 ? Group::kWeight : Group::kNorm;
}

Sgd::Sgd(const torch::nn::Module& module, const OptimizerConfig& config) : momentum_(config.momentum) {
  for (const auto& item : module.named_parameters()) {
    const double decay = GroupOf(item.key(), item.value()) == Group::kWeight ? config.weight_decay : 0;
    entries_.push_back({item.key(), item.value(), at::zeros_like(item.value()), decay});
  }
}

void Sgd::Step(double lr) {
  const at::NoGradGuard no_grad;
  for (Entry& entry : entries_) {
    at::Tensor gradient = entry.parameter.grad();
    if (!gradient.defined()) continue;
    if (entry.weight_decay != 0) gradient = gradient.add(entry.parameter, entry.weight_decay);
    entry.velocity.mul_(momentum_).add_(gradient);
    entry.parameter.add_(gradient.add(entry.velocity, momentum_), -lr);
  }
}

void Sgd::ZeroGrad() {
  for (Entry& entry : entries_) {
    if (entry.parameter.grad().defined()) entry.parameter.mutable_grad().zero_();
  }
}

StateDict Sgd::State() const {
  StateDict state;
  for (const Entry& entry : entries_) state.emplace_back(entry.name, entry.velocity);
  return state;
}

void Sgd::LoadState(const StateDict& state) {
  const at::NoGradGuard no_grad;
  const std::map<std::string, at::Tensor> saved(state.begin(), state.end());
  for (Entry& entry : entries_) {
    const auto found = saved.find(entry.name);
    if (found == saved.end() || found->second.sizes() != entry.velocity.sizes()) {
      throw Error(ErrorKind::kData,
                  "the checkpoint's optimizer state does not fit this model at '" + entry.name + "'");
    }
    entry.velocity.copy_(found->second);
  }
}

}  // namespace yoake::trainer
