#pragma once

#include <exception>
#include <optional>
#include <string>
#include <variant>

#include "core/trial_event.h"
#include "trainer/run/memory_steps.h"

namespace yoake::trainer {

// Thrown inside a run to end it with this outcome; never leaves Train().
struct RunEnded {
  TrialFailed failure;
};

struct OutOfMemory {
  MemoryKind kind = MemoryKind::kHost;
  std::string message;  // Of whoever met it, one line.
};

// Whether an exception says that memory has run out, by whoever met it: new, LibTorch's allocators, oneDNN,
// OpenCV, a thread without room for its stack.
std::optional<OutOfMemory> MemoryThatRanOut(const std::exception_ptr& exception);

// What an exception means for the trial: no memory, damaged data, anything else is kInternal. Rethrows
// Error{kConfig}: that is the user's to mend, not an outcome.
std::variant<TrialFailed, OutOfMemory> FailureOf(const std::exception_ptr& exception);

}  // namespace yoake::trainer
