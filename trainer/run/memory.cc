#include "trainer/run/memory.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/error.h"

#ifdef YOAKE_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace yoake::trainer {

double PeakRssMb() {
  // Not getrusage: its figure also counts the program that started this one.
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
  }
  throw Error(ErrorKind::kInternal, "no line VmHWM", "/proc/self/status");
}

std::optional<double> PeakGpuMb(c10::Device device) {
  if (!device.is_cuda()) return std::nullopt;
#ifdef YOAKE_CUDA
  constexpr int kAllPools = 0;
  const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
  return static_cast<double>(stats.reserved_bytes[kAllPools].peak) / 1e6;
#else
  return std::nullopt;
#endif
}

}  // namespace yoake::trainer
