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

// golden/detector_curves.csv: the validation mAP by epoch of 60 recorded trainings.
std::vector<LearningCurve> DetectorCurves();

// A trial's value is its last report; one whose last report is NaN fails.
Replay ReplayCurves(const Pruner& pruner, const std::vector<LearningCurve>& curves, Direction direction,
                    const std::string& study_name);

// Means over replays of the same curves in many orders.
struct PrunerWorth {
  double saved = 0;   // Share of the reports that were not made.
  int lost_best = 0;  // Orders in which the best trial was pruned.
  double regret = 0;  // Of the best trial that was left, in the metric.
};
PrunerWorth WorthOf(const Pruner& pruner, const std::vector<LearningCurve>& curves, Direction direction,
                    int orders);

}  // namespace yoake::search
