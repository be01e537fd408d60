#pragma once

#include <map>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/sampler.h"
#include "search/samplers/unit_space.h"

namespace yoake::search {

// A history as a surrogate model wants it: points of today's space with what was seen there. Trials whose
// parameters do not fit the space are left out.
struct Evidence {
  struct Column {
    std::vector<UnitPoint> points;
    std::vector<double> values;
  };

  // Complete trials, ascending by number; the values are minimised, infinite ones replaced by the worst or
  // best finite one. A pruned trial counts with its last value, but never as better than the median of the
  // complete ones: it was stopped because it was worse than that.
  std::vector<UnitPoint> points;
  std::vector<std::vector<double>> values;  // values[objective][trial].

  std::vector<UnitPoint> running;

  // Constraints by name, above 0 where violated. A kind of failure is one of them: 1 for the trials that
  // failed so, -1 for those that came to an end.
  std::map<std::string, Column> constraints;

  // Trials that `points` holds feasible.
  std::vector<bool> feasible;

  TriedPoints tried;   // All of them, whatever became of them.
  int n_finished = 0;  // Complete, pruned, and failed by their parameters.
};

Evidence Gather(const UnitSpace& space, const History& history, int skip_number);

// The suggestion, or where its point was tried or is running, an untried one if there is any.
Suggestion Untried(const UnitSpace& space, const TriedPoints& tried, Suggestion suggestion,
                   RandomStream stream);
Suggestion Untried(const SearchSpace& space, const History& history, int skip_number, Suggestion suggestion,
                   const RandomStream& stream);

}  // namespace yoake::search
