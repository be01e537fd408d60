#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "search/history.h"

namespace yoake::search {

// One parameter over all trials.
struct ObservedParameter {
  std::string name;
  std::size_t n_choices = 0;   // 0: numeric.
  std::vector<double> values;  // Numeric: place in the unit interval; categorical: choice. NaN: absent.
  std::size_t present = 0;     // Trials that have it.
  bool IsCategorical() const { return n_choices > 0; }
};

// The complete trials of a history as a table, one row a trial; smaller objectives are better.
struct ObservedTrials {
  std::vector<ObservedParameter> parameters;  // By name.
  std::vector<double> objective;              // Finite.
};

// A parameter's distribution is that of the last trial that has it; values outside are absent.
ObservedTrials Observe(const History& history, std::size_t objective);

}  // namespace yoake::search
