#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <vector>

#include "trainer/run/process_group.h"

namespace yoake::trainer {

// What processes that train together exchange in a step. Process r of n learns from the r-th n-th of the
// step's passes; afterwards all hold what one process would hold after all of the passes in their order, to
// rounding.

// Adds up what backward() left in the processes.
void SumGradients(const torch::nn::Module& module, ProcessGroup* group);

// BatchNorm's running statistics: every pass moves them by R' = (1 - m) R + m S. Since each process starts
// from the same R and does k passes, what its passes add is R_r - (1 - m)^k R, and n * k passes in a row give
// (1 - m)^(nk) R + sum over r of (1 - m)^(k (n - 1 - r)) (R_r - (1 - m)^k R).
class SharedStatistics {
 public:
  // Before the passes. Borrows the module's buffers. Nothing to do in a group of one.
  SharedStatistics(const torch::nn::Module& module, ProcessGroup* group);
  // After `passes` of them in each process, of this momentum m.
  void Join(int passes, double momentum);

 private:
  ProcessGroup* group_;
  std::vector<at::Tensor> running_;
  at::Tensor before_;  // All of them in a row.
};

}  // namespace yoake::trainer
