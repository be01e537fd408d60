#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

// The preset "device": what of a configuration follows from the machine and changes nothing that is learnt.

// Memory of a training step, in bytes: all of a process on a CPU, LibTorch's on a GPU.
struct StepMemory {
  std::int64_t fixed = 0;  // Program, weights, their gradients, momentum and average.
  std::int64_t image = 0;  // Each image of the batch.
};

// Measured by two steps in child processes, so call it without other threads. Throws Error{kConfig} when not
// even a step of one image fits.
StepMemory MeasureStep(const TrainConfig& config);

// Bytes that a training on this device may take: the tightest of this process's own limits, its control
// groups' and what is free.
std::int64_t MemoryForTraining(const std::string& device);

// The largest divisor of a step's images whose pass fits into four fifths of `most`; at least 1.
int FittingBatch(const StepMemory& step, int step_images, std::int64_t most);

// batch and accumulate (a step keeps its images), workers and on a CPU threads (as many as there are cores),
// cache_gb (half of what the step leaves).
nlohmann::json FitToDevice(const TrainConfig& config);

}  // namespace yoake::trainer
