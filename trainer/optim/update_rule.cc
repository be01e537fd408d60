#include "trainer/optim/update_rule.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/error.h"

namespace yoake::trainer {
namespace {

constexpr double kEps = 1e-8;

at::Tensor Decayed(const Update& u) {
  return u.weight_decay == 0 ? u.gradient : u.gradient.add(u.parameter, u.weight_decay);
}

void DecayWeights(const Update& u) {
  if (u.weight_decay != 0) u.parameter.mul_(1 - u.lr * u.weight_decay);
}

// torch.optim.SGD(nesterov=True): g += decay * w; v = m v + g; w -= lr (g + m v).
void Sgd(const Update& u) {
  const at::Tensor gradient = Decayed(u);
  u.memory[0].mul_(u.config.momentum).add_(gradient);
  u.parameter.add_(gradient.add(u.memory[0], u.config.momentum), -u.lr);
}

void MoveByMoments(const Update& u, const at::Tensor& gradient) {
  const double beta1 = u.config.momentum;
  const double beta2 = u.config.beta2;
  u.memory[0].mul_(beta1).add_(gradient, 1 - beta1);
  u.memory[1].mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
  const auto step = static_cast<double>(u.step);
  const double correction1 = 1 - std::pow(beta1, step);
  const double correction2 = 1 - std::pow(beta2, step);
  const at::Tensor scale = (u.memory[1].sqrt() / std::sqrt(correction2)).add_(kEps);
  u.parameter.addcdiv_(u.memory[0], scale, -u.lr / correction1);
}

// Kingma and Ba 2015, algorithm 1; weight decay is part of the gradient, as in torch.optim.Adam.
void Adam(const Update& u) { MoveByMoments(u, Decayed(u)); }

// Loshchilov and Hutter 2019, algorithm 2: weight decay apart from the gradient, as in torch.optim.AdamW.
void AdamW(const Update& u) {
  DecayWeights(u);
  MoveByMoments(u, u.gradient);
}

// Chen et al. 2023, algorithm 2: the sign of an interpolated momentum. A tenth of AdamW's rate suits it.
void Lion(const Update& u) {
  DecayWeights(u);
  const double beta1 = u.config.momentum;
  const at::Tensor direction = (u.memory[0] * beta1).add_(u.gradient, 1 - beta1).sign_();
  u.parameter.add_(direction, -u.lr);
  u.memory[0].mul_(u.config.beta2).add_(u.gradient, 1 - u.config.beta2);
}

const std::vector<UpdateRule>& RuleTable() {
  static const std::vector<UpdateRule> kTable = {
      {"SGD", 1, Sgd}, {"Adam", 2, Adam}, {"AdamW", 2, AdamW}, {"Lion", 1, Lion}};
  return kTable;
}

}  // namespace

const UpdateRule& FindUpdateRule(const std::string& name) {
  for (const UpdateRule& rule : RuleTable()) {
    if (rule.name == name) return rule;
  }
  throw Error(ErrorKind::kConfig, "unknown optimizer '" + name + "'; known: SGD, Adam, AdamW, Lion",
              "optimizer.type");
}

}  // namespace yoake::trainer
