#pragma once

#include <c10/core/Device.h>

#include <string>
#include <vector>

namespace yoake::trainer {

// "cpu" (or "cpu:1", a driver's second slot), "cuda", "cuda:1". Without such a GPU: the CPU, and a warning.
// A driver that hides all GPUs but one (CUDA_VISIBLE_DEVICES=3, device cuda:3) means the only visible one.
c10::Device ResolveDevice(const std::string& text, std::vector<std::string>* warnings);

// For doctor: "none" or "2 (cuda:0, cuda:1)".
std::string GpuDescription();

}  // namespace yoake::trainer
