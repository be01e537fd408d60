#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "studies/trial_story.h"

namespace yoake::studies {

// Notices a study whose trials all fail at once for a reason that lies in the study, not in the parameters:
// missing data, a configuration the trainer refuses, a program that crashes at the start.
class AlikeFailures {
 public:
  static constexpr std::ptrdiff_t kHopeless = 3;

  // A trial that failed while none has succeeded. Counted when it had not reached an epoch and its reason is
  // data, crashed or internal.
  void Add(const TrialStory& story, const TrialOutcome& outcome);

  // kHopeless of them failed with the same reason and message, numbers aside.
  bool hopeless() const { return !example_.empty(); }
  std::string Why() const;

 private:
  std::vector<std::string> failures_;
  std::string example_;
};

}  // namespace yoake::studies
