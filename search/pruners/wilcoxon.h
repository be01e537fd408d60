#pragma once

#include <memory>
#include <string>
#include <vector>

#include "search/pruner.h"

namespace yoake::search {

// For reports that are scores of parts (folds, images, test scenes), one a step, not a curve over epochs:
// prunes a trial that is significantly worse than the best complete trial by the one-sided Wilcoxon
// signed-rank test over the steps both have (Optuna's WilcoxonPruner). A trial whose mean is better goes on
// whatever the test says; so does one with a value that is not finite.
struct WilcoxonOptions {
  // Prunes when p is below; 0 .. 1. Larger saves more and loses more.
  double p_threshold = 0.1;

  // Steps in common with the best trial before anything is pruned; at least 0.
  int n_startup_steps = 2;

  std::string objective;  // Of a study with several (objective.h).

  void Validate() const;
};

// P(W+ >= w+) of the differences under symmetry around 0, W+ the sum of the ranks of |d| where d > 0. Zeros
// are ranked and half their ranks counted ("zsplit"). Up to 50 differences exactly (ties by midranks, given
// the ties), beyond by the normal approximation with tie correction. 1 for no difference at all.
double SignedRankPValue(const std::vector<double>& differences);

std::unique_ptr<Pruner> MakeWilcoxonPruner(WilcoxonOptions options);

// {"type":"wilcoxon", <fields of WilcoxonOptions>}.
std::unique_ptr<Pruner> MakeWilcoxonPruner(const JsonReader& reader);

}  // namespace yoake::search
