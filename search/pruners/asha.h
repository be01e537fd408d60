#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "search/pruner.h"

namespace yoake::search {

// Asynchronous successive halving (Li et al., 2018), rule by rule Optuna's SuccessiveHalvingPruner: at the
// steps min_resource * reduction_factor^(min_early_stopping_rate + rung) a trial goes on only when its value
// is among the best 1 / reduction_factor of all that came so far. What a trial had at a rung is kept in its
// system attribute "completed_rung_<rung>". A trial with NaN at a rung is pruned.
struct AshaOptions {
  // Step of the first rung, at least 1. Absent ("auto"): a hundredth of the longest complete trial, at least
  // 1; nothing is pruned before a trial is complete. Give it where runs are short.
  std::optional<int> min_resource;

  // One in so many goes on; at least 2.
  int reduction_factor = 4;

  // Rungs left out at the beginning; raise it when early values say little. At least 0.
  int min_early_stopping_rate = 0;

  // Trials that are stopped at a rung before the first may pass; at least 0. Not together with "auto".
  int bootstrap_count = 0;

  std::string objective;  // Of a study with several (objective.h).

  void Validate() const;
};

std::unique_ptr<Pruner> MakeAshaPruner(AshaOptions options);

// {"type":"asha", <fields of AshaOptions>}; "min_resource" is a number or "auto".
std::unique_ptr<Pruner> MakeAshaPruner(const JsonReader& reader);

// The rule among those other trials of the history that `competes` agrees to; for pruners made of several
// halvings.
PruneDecision HalveSuccessively(const AshaOptions& options, const History& history, const TrialRecord& trial,
                                const std::function<bool(const TrialRecord&)>& competes);

// The last step of the longest complete trial; nullopt when none is complete.
std::optional<int> LongestComplete(const History& history);

// A number of steps or "auto", which leaves *out empty.
void ReadStepsOrAuto(const JsonReader& reader, const char* key, std::optional<int>* out);

}  // namespace yoake::search
