#pragma once

#include <vector>

#include "search/history.h"
#include "search/samplers/tpe.h"

namespace yoake::search {

// The trials that teach TPE, each list ascending by number.
struct TpeSplit {
  std::vector<const TrialRecord*> below;  // The best ones.
  std::vector<const TrialRecord*> above;  // The rest, with the failed and the running ones that count as bad.
  int n_finished = 0;  // Complete, pruned and failed ones in both; 0 when all of them failed.
};

// Ranks the finished trials: feasible complete ones by value (several objectives: by non-domination rank, the
// last front by hypervolume), then feasible pruned ones by (later last step, better last value), then
// infeasible ones by the sum of their violated constraints (system attributes "constraints:<key>", above 0 is
// violated). Trials that failed by their parameters (lesson.h) are never among the best. Other failed trials,
// complete ones without a usable value, and the trial `skip_number` are left out.
// Borrows from `history`.
TpeSplit SplitTrials(const History& history, int skip_number, const TpeOptions& options);

}  // namespace yoake::search
