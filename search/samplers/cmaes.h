#pragma once

#include <memory>
#include <optional>

#include "search/sampler.h"

namespace yoake::search {

// CMA-ES with margin (cma_state.h) over the numeric parameters that every trial has; conditional and
// categorical ones, and everything in a study of several objectives, are suggested by TPE. Best for some
// hundred trials of 3 to 30 numbers that interact; below, prefer "tpe".
//
// Stateless: each trial keeps its generation and its candidate in system attributes ("cmaes:generation",
// "cmaes:x"), and the state is built again from the history, generation by generation. A generation ends
// when `population` of its trials have a result, the complete ones ranked before the pruned ones; failed
// trials are replaced, late ones are ignored.
struct CmaesOptions {
  // First standard deviation as a share of each parameter's range; above 0.
  double sigma = 1.0 / 6;

  // Trials of a generation, at least 2. Absent: 4 + floor(3 ln(parameters)). As many as there are parallel
  // trials is best where that is more.
  std::optional<int> population;

  void Validate() const;
};

std::unique_ptr<Sampler> MakeCmaesSampler(CmaesOptions options);

// {"type":"cmaes", <fields of CmaesOptions>}.
std::unique_ptr<Sampler> MakeCmaesSampler(const JsonReader& reader);

}  // namespace yoake::search
