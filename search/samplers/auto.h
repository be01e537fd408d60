#pragma once

#include <memory>

#include "search/sampler.h"

namespace yoake::search {

// What to use without thinking: chosen by what the study is like, so that nobody has to.
//
// - One or two objectives: the Gaussian process (gp.h), which on the problems of tests/search needs the
//   fewest trials, also with conditional parameters, noise, failing regions and parallel workers.
// - More finished trials than its model holds (gp.h, max_trials): by turns with TPE (tpe.h), which learns
//   from all of them.
// - More objectives: TPE.
//
// Never the same point twice while an untried one exists.
std::unique_ptr<Sampler> MakeAutoSampler();

// Takes no options.
std::unique_ptr<Sampler> MakeAutoSampler(const JsonReader& reader);

}  // namespace yoake::search
