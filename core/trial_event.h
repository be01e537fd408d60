#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace yoake {

// The trial protocol: what a trainer appends to events.jsonl, one JSON object a line, and the study driver
// follows. Any program that writes these lines is a trainer.

// Why a trial did not finish. Everything but kTimedOut is said by the trainer itself; the driver says
// kTimedOut, and kCrashed for a process that ended without a last word.
enum class FailureReason { kOutOfMemory, kDiverged, kData, kInterrupted, kInternal, kTimedOut, kCrashed };

std::string ToString(FailureReason reason);  // "out_of_memory", "diverged", ...
std::optional<FailureReason> ParseFailureReason(std::string_view text);

// A metric's value; nullopt is undefined (JSON null), e.g. the AP of a category without truth.
using Metrics = std::map<std::string, std::optional<double>>;

struct TrialStarted {
  std::string trainer;  // Program and version.
  std::string device;   // "cpu", "cuda:0".
  int epochs = 0;       // Epochs this run will train.
};

struct TrialEpoch {
  int epoch = 0;  // From 1. After a resume, numbers go on.
  Metrics metrics;
  double seconds = 0;  // Since the trial's process started.
};

struct TrialCheckpoint {
  int epoch = 0;
  std::string path;  // Relative to the trial's folder.
};

// Something that whoever reads the trial later should know, e.g. that it had to give up memory.
struct TrialNotice {
  std::string about;  // "memory".
  std::string message;
};

struct TrialFinished {
  Metrics metrics;
  std::map<std::string, std::string>
      detections;  // Test set name -> COCO results file, relative to the folder.
};

struct TrialFailed {
  FailureReason reason = FailureReason::kInternal;
  std::string message;
};

using TrialEvent =
    std::variant<TrialStarted, TrialEpoch, TrialCheckpoint, TrialNotice, TrialFinished, TrialFailed>;

// One JSON object without line end. Infinite and NaN metrics are written as the strings "inf", "-inf", "nan".
std::string ToJsonLine(const TrialEvent& event);

// Throws Error{kData} for a line that is not an event. Keys it does not know are ignored: foreign trainers
// may say more than we read.
TrialEvent ParseTrialEvent(std::string_view line);

}  // namespace yoake
