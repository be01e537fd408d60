#pragma once

#include <c10/core/Device.h>

#include <optional>

namespace yoake::trainer {

// The most memory this process has held so far, in MB (1e6 bytes): what the kernel counted as resident.
double PeakRssMb();

// The most that LibTorch has reserved on a GPU; absent on a CPU, and in a program built with a LibTorch that
// knows no GPU.
std::optional<double> PeakGpuMb(c10::Device device);

}  // namespace yoake::trainer
