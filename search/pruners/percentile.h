#pragma once

#include <memory>
#include <string>

#include "search/pruner.h"

namespace yoake::search {

// Prunes a trial whose best value so far is strictly worse than the percentile of the complete trials' values
// at the step it has just reported (Golovin et al., 2017, for the median; rule by rule Optuna's
// PercentilePruner). A trial that reported nothing but NaN is pruned.
struct PercentileOptions {
  // Share of the complete trials that a trial must keep up with, in percent: 25 keeps the best quarter. 0 ..
  // 100.
  double percentile = 50;

  // Complete trials before anything is pruned. At least 0 (one is needed in any case).
  int n_startup_trials = 5;

  // Steps of every trial that are never pruned: raise it over warm-up epochs and slow starters. At least 0.
  int n_warmup_steps = 0;

  // Looks once every so many steps, counted from the warm-up's end. At least 1.
  int interval_steps = 1;

  // Complete trials that must have a value at this very step. At least 1.
  int n_min_trials = 1;

  std::string objective;  // Of a study with several (objective.h).

  void Validate() const;
};

std::unique_ptr<Pruner> MakePercentilePruner(PercentileOptions options);

// {"type":"percentile", <fields of PercentileOptions>}; "median" has all but `percentile`, which is 50.
std::unique_ptr<Pruner> MakePercentilePruner(const JsonReader& reader);
std::unique_ptr<Pruner> MakeMedianPruner(const JsonReader& reader);

}  // namespace yoake::search
