#pragma once

#include <memory>
#include <string>

#include "search/terminator.h"

namespace yoake::search {

// Stops when the search improves by less than the validation set can show: over the last trials the best
// value grew by less than the smallest difference that the set tells from chance.
struct NoiseOptions {
  // That difference, in the objective's unit, above 0: the minimum detectable difference, which `yoake
  // compare` gives as "detectable" for two models on the set.
  double difference = 0;

  // Complete and pruned trials over which an improvement would have to show; at least 1.
  int n_trials = 15;

  std::string objective;  // Of a study with several (pruners/objective.h).

  void Validate() const;
};

std::unique_ptr<Terminator> MakeNoiseTerminator(NoiseOptions options);

// {"type":"noise", "difference": required, <other fields of NoiseOptions>}.
std::unique_ptr<Terminator> MakeNoiseTerminator(const JsonReader& reader);

}  // namespace yoake::search
