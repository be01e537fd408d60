#include "trainer/run/shared_step.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>

namespace yoake::trainer {
namespace {

at::Tensor InARow(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> flat;
  for (const at::Tensor& tensor : tensors) flat.push_back(tensor.detach().reshape({-1}));
  return at::cat(flat);
}

void TakeFrom(const at::Tensor& row, const std::vector<at::Tensor>& tensors) {
  std::int64_t begin = 0;
  for (const at::Tensor& tensor : tensors) {
    tensor.detach().copy_(row.slice(0, begin, begin + tensor.numel()).view_as(tensor));
    begin += tensor.numel();
  }
}

}  // namespace

void SumGradients(const torch::nn::Module& module, ProcessGroup* group) {
  if (group->size() == 1) return;
  std::vector<at::Tensor> gradients;
  for (at::Tensor& parameter : module.parameters()) {
    if (!parameter.requires_grad()) continue;
    // The same list in every process, also where an image has no object.
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
    gradients.push_back(parameter.grad());
  }
  at::Tensor row = InARow(gradients);
  group->Sum(&row);
  TakeFrom(row, gradients);
}

SharedStatistics::SharedStatistics(const torch::nn::Module& module, ProcessGroup* group) : group_(group) {
  if (group->size() == 1) return;
  for (const auto& buffer : module.named_buffers()) {
    if (buffer.value().is_floating_point()) running_.push_back(buffer.value());
  }
  before_ = InARow(running_);
}

void SharedStatistics::Join(int passes, double momentum) {
  if (group_->size() == 1) return;
  const double kept = std::pow(1 - momentum, passes);
  const int later = group_->size() - 1 - group_->rank();
  at::Tensor row = (InARow(running_) - before_ * kept) * std::pow(kept, later);
  group_->Sum(&row);
  TakeFrom(row + before_ * std::pow(kept, group_->size()), running_);
}

}  // namespace yoake::trainer
