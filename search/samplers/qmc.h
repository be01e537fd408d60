#pragma once

#include <memory>

#include "search/sampler.h"

namespace yoake::search {

// Points of a low-discrepancy sequence (low_discrepancy.h), trial number n taking the n-th: random search
// without its clumps and holes. Every parameter of the space has a dimension of its own, its place in the
// space, whether it is active or not, so a condition never shifts the others.
struct QmcOptions {
  // Sobol's points are best at 2^m trials, Halton's at any number; beyond some 20 parameters neither is much
  // better than random.
  enum class Sequence { kSobol, kHalton };
  Sequence sequence = Sequence::kSobol;
};

std::unique_ptr<Sampler> MakeQmcSampler(QmcOptions options);

// {"type":"qmc", "sequence":"sobol"|"halton"}.
std::unique_ptr<Sampler> MakeQmcSampler(const JsonReader& reader);

}  // namespace yoake::search
