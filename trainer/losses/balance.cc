#include "trainer/losses/balance.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace yoake::trainer {

std::map<LossRole, double> GradientShares(const std::map<LossRole, at::Tensor>& parts,
                                          const std::vector<at::Tensor>& features) {
  std::map<LossRole, double> norms;
  double sum = 0;
  for (const auto& [role, part] : parts) {
    const auto gradients = torch::autograd::grad({part}, features, /*grad_outputs=*/{}, /*retain_graph=*/true,
                                                 /*create_graph=*/false, /*allow_unused=*/true);
    double squares = 0;
    for (const at::Tensor& gradient : gradients) {
      if (gradient.defined()) squares += gradient.square().sum(at::kDouble).item<double>();
    }
    sum += norms[role] = std::sqrt(squares);
  }
  for (auto& [role, norm] : norms) norm = sum > 0 ? norm / sum : 0;
  return norms;
}

}  // namespace yoake::trainer
