#pragma once

#include <signal.h>

#include <optional>
#include <string>
#include <vector>

#include "studies/event_tail.h"
#include "studies/process.h"
#include "studies/study_folder.h"
#include "studies/trial_story.h"

namespace yoake::studies {

// One attempt of one trial: its process, what its events tell, and how it is made to end. Times are
// SteadySeconds().
class RunningTrial {
 public:
  // `folder` is borrowed. The story goes on from what earlier attempts wrote into events.jsonl.
  RunningTrial(const StudyFolder& folder, int number, const ProcessOptions& process);

  int number() const { return number_; }
  double started() const { return started_; }
  int descriptor() const { return process_.descriptor(); }
  const TrialStory& story() const { return story_; }
  const std::vector<std::string>& warnings() const { return tail_.warnings(); }
  StopReason stop() const { return stop_; }

  // New epochs since the last call. When the process has ended they are its last ones.
  std::vector<TrialEpoch> Read();
  bool ended() const { return status_.has_value(); }

  // SIGTERM now, SIGKILL when it still runs after `grace_s`. The first reason stays.
  void AskToEnd(StopReason reason, double now, double grace_s);
  void Kill() { process_.Signal(SIGKILL); }
  // Keeps what AskToEnd promised, and ends a process that lingers `grace_s` after its last word.
  void Press(double now, double grace_s);

  // After ended().
  AttemptEnd End(bool configuration_code) const;

 private:
  const StudyFolder& folder_;
  int number_;
  TrialStory story_;
  EventTail tail_;
  double started_;
  ChildProcess process_;
  StopReason stop_ = StopReason::kNone;
  std::optional<double> kill_at_;
  std::optional<ExitStatus> status_;
};

// The story of a trial that no process writes any more, from its file; a torn last line is cut off.
TrialStory ReadStory(const StudyFolder& folder, int number);

// Ends what an earlier driver's trial left running.
void EndLeftovers(const StudyFolder& folder, int number);

}  // namespace yoake::studies
