#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace yoake::studies {

// A place where one trial runs at a time.
struct DeviceSlot {
  std::string name;    // For people and reports: "cpu:0", "cuda:1"; unique in its study.
  std::string device;  // Kind: "cpu", or "cuda:1" as the user counts.
};

// "cpu" one slot, "cpu:2" two slots on the processor, "cuda:0,1" one slot on each of two GPUs, "cuda:0,0" two
// trials sharing one; combined with commas ("cpu:1,cuda:0"). Throws Error{kConfig} for anything else.
std::vector<DeviceSlot> ParseDevices(const std::string& text);
std::vector<DeviceSlot> ParseDevices(const std::vector<std::string>& texts);

// Compute threads a trial may take: the cores shared evenly among the slots, at least 1.
int ThreadsPerSlot(std::size_t slots);

// What tells a child where to run: YOAKE_DEVICE, CUDA_VISIBLE_DEVICES (a trial sees its own GPU alone, as
// cuda:0; one on the processor sees none), and the thread counts of OpenMP, OpenBLAS and MKL.
// `visible_devices` is the parent's own CUDA_VISIBLE_DEVICES, from which cuda:N takes the N-th; may be null.
std::vector<std::pair<std::string, std::string>> DeviceEnvironment(const DeviceSlot& slot, int threads,
                                                                   const char* visible_devices);

}  // namespace yoake::studies
