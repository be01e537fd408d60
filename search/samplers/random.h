#pragma once

#include <memory>

#include "core/rng.h"
#include "search/sampler.h"

namespace yoake::search {

// Every active parameter independently and uniformly in its own scale: in the logarithm for a log one, over
// the grid's values for one with a step, over the choices for a categorical. Takes no options.
std::unique_ptr<Sampler> MakeRandomSampler();
std::unique_ptr<Sampler> MakeRandomSampler(const JsonReader& reader);

// One such draw, in internal form; what other strategies begin with.
double DrawUniformly(const Distribution& distribution, RandomStream* stream);

}  // namespace yoake::search
