#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/uncertainty/bootstrap.h"
#include "metrics/uncertainty/interval.h"
#include "metrics/uncertainty/matched_set.h"

namespace yoake::metrics {

// Truth boxes that count, and how many units hold them.
struct TruthCount {
  int boxes = 0;
  std::uint32_t units = 0;
};

// Of every category in a column's area; of the whole set the sum of the boxes and all units.
class TruthCounts {
 public:
  TruthCounts(const MatchedSet& set, const ResamplingUnits& units);

  TruthCount Of(std::size_t row, std::size_t column) const;

 private:
  std::vector<std::array<TruthCount, 4>> counts_;  // [categories + 1, areas]
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
                                                const TruthCounts& counts, std::size_t column);

}  // namespace yoake::metrics
