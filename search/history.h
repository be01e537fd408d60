#pragma once

#include <vector>

#include "search/trial_record.h"

namespace yoake::search {

// What a strategy may know: the directions and the trials so far, ascending by number.
struct History {
  std::vector<Direction> directions = {Direction::kMinimize};
  std::vector<TrialRecord> trials;
};

}  // namespace yoake::search
