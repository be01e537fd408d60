#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "search/trial_record.h"

namespace yoake::search {

// What a strategy may know: the directions and the trials so far, ascending by number.
struct History {
  std::vector<Direction> directions = {Direction::kMinimize};
  std::vector<TrialRecord> trials;
  std::string study_name = {};  // As in the store; may be empty.
  std::vector<std::string> objective_names =
      {};  // One a direction, or none when the study does not name them.
};

// The trial of this number; null when there is none.
inline const TrialRecord* Find(const History& history, int number) {
  const auto found = std::ranges::lower_bound(history.trials, number, {}, &TrialRecord::number);
  return found != history.trials.end() && found->number == number ? &*found : nullptr;
}

}  // namespace yoake::search
