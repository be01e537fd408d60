#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

namespace yoake::trainer {

// A two-level dictionary as torch.save would write it: {"name": {"key": tensor, ...} | "text", ...}.
struct PickleGroup {
  std::string name;
  std::string text;  // Used when `is_text`.
  bool is_text = false;
  std::vector<std::pair<std::string, at::Tensor>> tensors;
};

// The bytes of a zip file that torch.load reads, weights_only included. Tensors are stored dense and
// contiguous, each with a storage of its own, as CPU tensors. Float, double, half, bfloat16, int8 to int64,
// uint8 and bool; throws Error{kInternal} on another type.
std::string WritePickle(const std::vector<PickleGroup>& groups);

}  // namespace yoake::trainer
