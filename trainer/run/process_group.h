#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace yoake::trainer {

// Another process of the group is gone. Whoever ended first says why; the others only follow.
struct PeerLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The processes that train one model together (nproc_per_node), over gloo on the loopback device. All call
// the same functions in the same order, and each waits for the others. Not thread-safe.
class ProcessGroup {
 public:
  // Waits until all `size` are there. `rendezvous` is a file that all of them name and nobody has written to.
  // A group of one needs nothing and exchanges nothing. Throws Error{kConfig} in a build without gloo.
  ProcessGroup(int rank, int size, const std::filesystem::path& rendezvous);
  ~ProcessGroup();

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool leads() const { return rank_ == 0; }

  // The sum over the group, in place; any device, float32 or float64, contiguous. Throws PeerLost.
  void Sum(at::Tensor* tensor);

  // What the leader says.
  bool Follow(bool leader_says);

 private:
  class Gloo;

  const int rank_;
  const int size_;
  std::unique_ptr<Gloo> gloo_;  // Null in a group of one.
};

}  // namespace yoake::trainer
