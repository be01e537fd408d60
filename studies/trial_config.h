#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "search/distribution.h"
#include "search/space.h"

namespace yoake::studies {

// The configuration of one trial: `params` set in `base` (a combination's configuration, resolved by the
// trainer when it is ours) by their dotted paths, and the trial's own seed. A parameter "x.type" that names
// another type than the base first empties the object x but for its new type, so that parameters of one loss
// never leak into another; the trainer's defaults for that type stand until another parameter sets them.
// Throws Error{kConfig} with a did-you-mean when an object on the way to a path does not exist.
nlohmann::json MakeTrialConfig(const nlohmann::json& base, const search::ParamSet& params,
                               std::uint64_t seed);

// The seed of a trial's training: 31 bits, so that every program and language takes it.
std::uint64_t TrialSeed(std::uint64_t study_seed, int trial_number);

// Few parameter sets that visit the space's corners which can be wrong in a configuration: one sampled set,
// and one for every choice of every categorical parameter (with the choices its condition needs).
std::vector<search::ParamSet> ProbeSpace(const search::SearchSpace& space, std::uint64_t seed);

}  // namespace yoake::studies
