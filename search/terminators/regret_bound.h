#pragma once

#include <memory>
#include <string>

#include "search/terminator.h"

namespace yoake::search {

// Stops when no point of the space can be expected to be much better than the best trial: when an upper bound
// of the search's regret so far is small (Makarova et al., 2022, "Automatic termination for hyperparameter
// optimization", section 4). Minimised, with the mean and the deviation of a Gaussian process of the trials,
//
//   bound = min over the trials (mean + b deviation) - min over the space (mean - b deviation)
//   b^2 = ln(d n^2 pi^2 / (6 * 0.1))     for n trials of d parameters.
//
// b^2 is half of what the theory asks for (Srinivas et al., 2010), with which hardly any search ends, and two
// and a half times as much as Makarova et al. and Optuna's RegretBoundEvaluator take, with which many end too
// early (tests/search/bench_terminators). Optuna models the better half of the trials alone; here the worse
// half stays, laid by rank (half_rank.h): it is what tells that the rest of the space holds nothing. Values
// that scatter widen the bound, so a noisy search goes on for longer. As any model it believes that the
// function is as smooth as the trials show it, and knows of no optimum that is hidden from them.
struct RegretBoundOptions {
  // The regret not worth looking for, in the objective's unit, above 0: the minimum detectable difference of
  // the validation set, which `yoake compare` gives as "detectable".
  double difference = 0;

  // Complete and pruned trials before the model is asked at all; at least 2. With few it is as sure of itself
  // as it is wrong.
  int n_min_trials = 20;

  std::string objective;  // Of a study with several (pruners/objective.h).

  void Validate() const;
};

std::unique_ptr<Terminator> MakeRegretBoundTerminator(RegretBoundOptions options);

// {"type":"regret_bound", "difference": required, <other fields of RegretBoundOptions>}.
std::unique_ptr<Terminator> MakeRegretBoundTerminator(const JsonReader& reader);

}  // namespace yoake::search
