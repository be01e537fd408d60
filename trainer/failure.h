#pragma once

#include <exception>

#include "core/trial_event.h"
#include "trainer/train_config.h"

namespace yoake::trainer {

// Thrown inside a run to end it with this outcome; never leaves Train().
struct RunEnded {
  TrialFailed failure;
};

// What an exception means for the trial: no memory (LibTorch's CPU and GPU allocators, or new), damaged data,
// anything else is kInternal. Rethrows Error{kConfig}: that is the user's to mend, not an outcome.
TrialFailed FailureOf(const std::exception_ptr& exception, const TrainConfig& config);

}  // namespace yoake::trainer
