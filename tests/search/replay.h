#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "search/pruner.h"

namespace yoake::search {

// What a trial would report if it were never stopped: step -> value.
using LearningCurve = std::map<int, double>;

struct ReplayedTrial {
  bool pruned = false;
  int last_step = 0;  // Of the reports it got to make.
};

// A study of known curves, one trial after the other, each judged by the pruner after every report.
struct Replay {
  std::vector<ReplayedTrial> trials;
  std::size_t reports = 0;      // Made.
  std::size_t all_reports = 0;  // Without a pruner.
  double best = 0;              // Last value of the best trial that ran to its end.
  double true_best = 0;         // Of the best of all.
  bool lost_best = false;       // The best of all was pruned.
};

// A trial's value is its last report; one whose last report is NaN fails.
Replay ReplayCurves(const Pruner& pruner, const std::vector<LearningCurve>& curves, Direction direction,
                    const std::string& study_name);

}  // namespace yoake::search
