#include "trainer/device.h"

#include <torch/cuda.h>

#include <cstdlib>

#include "core/error.h"

namespace yoake::trainer {
namespace {

int GpuCount() { return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0; }

}  // namespace

c10::Device ResolveDevice(const std::string& text, std::vector<std::string>* warnings) {
  const std::string kind = text.substr(0, text.find(':'));
  if (kind == "cpu") return c10::Device(c10::kCPU);
  if (kind != "cuda") {
    throw Error(ErrorKind::kConfig, "expected cpu, cuda or cuda:N, got '" + text + "'", "device");
  }
  const int gpus = GpuCount();
  int index = kind == text ? 0 : std::atoi(text.c_str() + kind.size() + 1);
  if (gpus == 1 && std::getenv("CUDA_VISIBLE_DEVICES") != nullptr) index = 0;
  if (index < gpus) return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
  warnings->push_back("device " + text + " is not there (" + std::to_string(gpus) +
                      " GPUs usable); running on the CPU, which is many times slower");
  return c10::Device(c10::kCPU);
}

std::string GpuDescription() {
  const int gpus = GpuCount();
  if (gpus == 0) return "none";
  std::string names;
  for (int i = 0; i < gpus; ++i) names += (i == 0 ? "cuda:" : ", cuda:") + std::to_string(i);
  return std::to_string(gpus) + " (" + names + ")";
}

}  // namespace yoake::trainer
