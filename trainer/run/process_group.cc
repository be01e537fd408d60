#include "trainer/run/process_group.h"

#include <ATen/ATen.h>

#include <chrono>
#include <exception>
#include <vector>

#include "core/error.h"

#ifdef YOAKE_GLOO
#ifndef USE_C10D_GLOO  // Debian's LibTorch says so itself.
#define USE_C10D_GLOO
#endif
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif

namespace yoake::trainer {

#ifdef YOAKE_GLOO

class ProcessGroup::Gloo {
 public:
  Gloo(int rank, int size, const std::filesystem::path& rendezvous) {
    std::filesystem::create_directories(
        rendezvous.parent_path());  // FileStore would wait for it for minutes.
    auto options = c10d::ProcessGroupGloo::Options::create(std::chrono::hours(24));  // The leader evaluates.
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    options->threads = 1;
    group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(
        c10::make_intrusive<c10d::FileStore>(rendezvous.string(), size), rank, size, options);
  }

  void Sum(at::Tensor* tensor) {
    std::vector<at::Tensor> host = {tensor->cpu()};  // The tensor itself, if it lies there.
    group_->allreduce(host)->wait();
    if (!host[0].is_same(*tensor)) tensor->copy_(host[0]);
  }

 private:
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

#else

class ProcessGroup::Gloo {
 public:
  Gloo(int, int, const std::filesystem::path&) {
    throw Error(ErrorKind::kConfig,
                "this program was built without gloo (libgloo-dev), so 1 is all it can do", "nproc_per_node");
  }
  void Sum(at::Tensor*) {}
};

#endif

ProcessGroup::ProcessGroup(int rank, int size, const std::filesystem::path& rendezvous)
    : rank_(rank), size_(size), gloo_(size > 1 ? std::make_unique<Gloo>(rank, size, rendezvous) : nullptr) {}

ProcessGroup::~ProcessGroup() = default;

void ProcessGroup::Sum(at::Tensor* tensor) {
  if (gloo_ == nullptr) return;
  try {
    gloo_->Sum(tensor);
  } catch (const std::exception& error) {  // Gloo's own kinds, all about the connection.
    throw PeerLost(error.what());
  }
}

bool ProcessGroup::Follow(bool leader_says) {
  at::Tensor said = at::full({1}, leads() && leader_says ? 1 : 0, at::kFloat);
  Sum(&said);
  return leads() ? leader_says : said.item<float>() > 0;
}

}  // namespace yoake::trainer
