#pragma once

#include <optional>
#include <string>
#include <vector>

#include "search/trial_record.h"

namespace yoake::studies {

struct SlotProgress {
  std::string slot;
  std::optional<int> trial;  // Absent: the slot is free.
  std::string label;         // Its combination.
  int epoch = 0;
  int epochs = 0;               // 0: the trainer did not say.
  std::optional<double> value;  // Last reported metric.
};

struct StudyProgress {
  int ended = 0;  // Trials of the whole study that came to an end, whichever.
  int total = 0;
  int pruned = 0;
  int failed = 0;
  std::optional<double> best;
  std::vector<SlotProgress> slots;
  std::optional<double> left_s;  // Guess from the trials so far.
  bool stopping = false;
};

struct TrialNote {
  int number = 0;
  search::TrialState state = search::TrialState::kComplete;
  std::string label;
  std::optional<double> value;
  std::string reason;   // Of a failed trial: "diverged".
  std::string message;  // Of a failed or pruned one.
  double seconds = 0;
  int attempts = 1;
};

// What a driver tells while it works; the libraries themselves print nothing. Called from the driver's
// thread, so it must be quick.
class StudyObserver {
 public:
  virtual ~StudyObserver() = default;
  virtual void OnProgress(const StudyProgress&) {}  // Several times a second.
  virtual void OnTrialEnded(const TrialNote&) {}
  virtual void OnNotice(const std::string&) {}  // A retry, a warning: one line.
};

}  // namespace yoake::studies
