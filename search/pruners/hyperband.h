#pragma once

#include <memory>
#include <optional>
#include <string>

#include "search/pruner.h"

namespace yoake::search {

// Hyperband (Li et al., 2018) over asynchronous successive halving, rule by rule Optuna's HyperbandPruner.
// Each trial belongs to one of floor(log_eta(max / min)) + 1 brackets; bracket b is ASHA whose first rung
// lies at min_resource * eta^b, so that some trials are judged early and some late, and only trials of one
// bracket compete. The bracket follows from the study's name and the trial's number (crc32, as in Optuna),
// so every worker knows it.
// Use it when it is not known how early a value can be trusted; else "asha" with the right min_resource
// wastes less. The sampler learns from the trials of all brackets.
struct HyperbandOptions {
  // Step of the first rung of the first bracket, at least 1.
  int min_resource = 1;

  // Steps of a whole trial, at least min_resource. Absent ("auto"): one more than the longest complete trial
  // has, and nothing is pruned before one is complete.
  std::optional<int> max_resource;

  // eta: one in so many goes on at a rung; at least 2.
  int reduction_factor = 3;

  // Trials of a bracket that are stopped at a rung before the first may pass; at least 0. Not with "auto".
  int bootstrap_count = 0;

  std::string objective;  // Of a study with several (objective.h).

  void Validate() const;
};

std::unique_ptr<Pruner> MakeHyperbandPruner(HyperbandOptions options);

// {"type":"hyperband", <fields of HyperbandOptions>}; "max_resource" is a number or "auto".
std::unique_ptr<Pruner> MakeHyperbandPruner(const JsonReader& reader);

}  // namespace yoake::search
