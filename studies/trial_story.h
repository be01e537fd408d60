#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/trial_event.h"
#include "studies/process.h"

namespace yoake::studies {

// What a trial's events have told so far. Epochs stay over several attempts (a later one replaces the same
// number); the last word belongs to the present attempt.
struct TrialStory {
  std::optional<TrialStarted> started;
  std::map<int, TrialEpoch> epochs;
  std::optional<TrialFinished> finished;
  std::optional<TrialFailed> failed;
  std::vector<std::string> notices;  // Of all attempts.

  void Add(const TrialEvent& event);
  void BeginAttempt();  // Forgets the last word of the attempt before.

  // [{"epoch":1,"seconds":..,"metrics":{..}}, ..]; what is not finite is null.
  nlohmann::json Curve() const;
};

// Why the driver asked a trial to end.
enum class StopReason { kNone, kPruned, kTimedOut, kInterrupted };

// What became of an attempt.
struct TrialOutcome {
  enum class Kind { kFinished, kPruned, kFailed, kInterrupted };
  Kind kind = Kind::kFailed;
  double value = 0;                                // kFinished and kPruned.
  FailureReason reason = FailureReason::kCrashed;  // kFailed.
  std::string message;                             // kFailed: why, for people.
  bool may_retry = false;                          // kFailed by something another attempt may not meet.
};

// How the attempt's process ended, as far as known: absent when the driver that saw it is gone.
struct AttemptEnd {
  std::optional<ExitStatus> status;
  StopReason stop = StopReason::kNone;
  std::string log_tail{};           // Last lines of its output.
  bool configuration_code = false;  // Exit code 2 means a wrong configuration, as yoake-trainer says.
};

// The one place that decides:
// - A trial that said "finished" is finished with `metric` of that last word (the trainer reports its best
//   checkpoint there), whatever its exit code and whatever the driver had asked for. Without the metric, or
//   with NaN, it has failed.
// - A pruned trial's value is its last reported one.
// - Retried are crashes, internal errors and interruptions from outside. Never diverged, out_of_memory, data,
//   a wrong configuration or timed_out: the same parameters would meet the same end.
TrialOutcome Judge(const TrialStory& story, const AttemptEnd& end, const std::string& metric);

// The last `lines` lines of a text file, without colours or control characters; "" when there is no file.
std::string LogTail(const std::filesystem::path& file, int lines);

}  // namespace yoake::studies
