#pragma once

#include <string>

#include "core/terminal_line.h"
#include "studies/study_observer.h"

namespace yoake::cli {

// What a person sees of a running study, on stderr: on a terminal one line that is written over and over,
// else a line a trial that ended.
class ProgressPrinter : public studies::StudyObserver {
 public:
  explicit ProgressPrinter(std::string metric);

  void OnProgress(const studies::StudyProgress& progress) override;
  void OnTrialEnded(const studies::TrialNote& note) override;
  void OnNotice(const std::string& text) override;

 private:
  void Line(const std::string& text);  // A line that stays.

  std::string metric_;
  TerminalLine line_;
};

// "trial 3/8 | cpu:0 #4 epoch 5/16 mAP 0.312 | cpu:1 free | best 0.410 | 1 pruned | 3m 20s left".
std::string ProgressText(const studies::StudyProgress& progress, const std::string& metric);

}  // namespace yoake::cli
