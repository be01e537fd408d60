#include "studies/running_trial.h"

#include <cstdlib>
#include <variant>

#include "core/atomic_file.h"
#include "core/clock.h"

namespace yoake::studies {

RunningTrial::RunningTrial(const StudyFolder& folder, int number, const ProcessOptions& process)
    : folder_(folder),
      number_(number),
      tail_(folder.events(number)),
      started_(SteadySeconds()),
      process_([&] {
        CutTornLine(folder.events(number));
        for (const TrialEvent& event : tail_.Read()) story_.Add(event);
        story_.BeginAttempt();
        return ChildProcess::Start(process);
      }()) {
  WriteFileAtomically(folder.pid(number), std::to_string(process_.pid()) + "\n");
}

std::vector<TrialEpoch> RunningTrial::Read() {
  if (!status_) status_ = process_.TryWait();  // Before reading: then nothing is written after it.
  std::vector<TrialEpoch> epochs;
  for (const TrialEvent& event : tail_.Read()) {
    story_.Add(event);
    if (const auto* epoch = std::get_if<TrialEpoch>(&event)) epochs.push_back(*epoch);
  }
  return epochs;
}

void RunningTrial::AskToEnd(StopReason reason, double now, double grace_s) {
  if (stop_ != StopReason::kNone) return;
  stop_ = reason;
  kill_at_ = now + grace_s;
  process_.Signal(SIGTERM);
}

void RunningTrial::Press(double now, double grace_s) {
  if (!kill_at_ && (story_.finished || story_.failed)) kill_at_ = now + grace_s;
  if (kill_at_ && now >= *kill_at_) Kill();
}

AttemptEnd RunningTrial::End(bool configuration_code) const {
  constexpr int kLogLines = 3;
  return {status_, stop_, LogTail(folder_.log(number_), kLogLines), configuration_code};
}

TrialStory ReadStory(const StudyFolder& folder, int number) {
  CutTornLine(folder.events(number));
  EventTail tail(folder.events(number));
  TrialStory story;
  for (const TrialEvent& event : tail.Read()) story.Add(event);
  return story;
}

void EndLeftovers(const StudyFolder& folder, int number) {
  if (!std::filesystem::exists(folder.pid(number))) return;
  const auto group = static_cast<pid_t>(std::strtol(ReadFile(folder.pid(number)).c_str(), nullptr, 10));
  if (group > 1) KillGroup(group, "YOAKE_TRIAL_DIR", folder.trial(number).string());
}

}  // namespace yoake::studies
