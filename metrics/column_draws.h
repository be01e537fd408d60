#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/bootstrap.h"
#include "metrics/interval.h"
#include "metrics/matched_set.h"

namespace yoake::metrics {

// How many units hold truth of a category that counts in a column's area; for the whole set all units.
class UnitCounts {
 public:
  UnitCounts(const MatchedSet& set, const ResamplingUnits& units);

  std::uint32_t Of(std::size_t row, std::size_t column) const;

 private:
  std::uint32_t all_;
  std::vector<std::array<std::uint32_t, 4>> counts_;  // [categories, areas]
};

// The trainings of one model that differ in their seed alone, under the same draws.
using Seeds = std::vector<ModelDraws>;

// [rows] what became of one column draw by draw: of the mean over the seeds or, with a baseline, of its
// difference to the baseline's mean. Nothing where the set has no truth of that kind; draws without it are
// left out.
//
// Degrees of freedom: a category's are one less than the units that hold its boxes; the whole set's follow
// from the categories' by Satterthwaite's rule, because the set's column is their mean.
// Variance between seeds: that of each model less the part that the images explain (the seeds' spread over
// the replicates), over its number of seeds, added up. A model with one seed beside one with several is given
// the other's.
std::vector<std::optional<Draws>> CollectColumn(const Seeds& model, const Seeds* baseline,
                                                const UnitCounts& units, std::size_t column);

}  // namespace yoake::metrics
