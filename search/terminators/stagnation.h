#pragma once

#include <memory>
#include <string>

#include "search/terminator.h"

namespace yoake::search {

// Stops when the best value has not improved for a number of trials (Optuna's BestValueStagnation, but pruned
// trials count as well: they did not improve it either).
struct StagnationOptions {
  // Complete and pruned trials after the best one, at least 1. Give it several times what the sampler needs
  // to learn: TPE begins after 10.
  int n_trials = 30;

  std::string objective;  // Of a study with several (pruners/objective.h).

  void Validate() const;
};

std::unique_ptr<Terminator> MakeStagnationTerminator(StagnationOptions options);

// {"type":"stagnation", <fields of StagnationOptions>}.
std::unique_ptr<Terminator> MakeStagnationTerminator(const JsonReader& reader);

}  // namespace yoake::search
