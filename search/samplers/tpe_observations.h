#pragma once

#include <vector>

#include "search/samplers/parzen.h"
#include "search/space.h"
#include "search/trial_record.h"

namespace yoake::search {

// The system attributes in which a running trial announces what it has drawn jointly: this and a chunk's
// number.
inline constexpr char kTpeRelativeParams[] = "tpe:relative_params:";

// Past trials as rows, one column an entry of the space.
struct TpeObservations {
  Columns values;                         // Internal form; NaN where the trial has no usable value.
  std::vector<std::vector<char>> occurs;  // 1 where the trial had such a parameter; of finished trials only.
};

// Columns of some entries, borrowed where they could be used as they are.
struct ObservedRows {
  ColumnViews columns;
  Columns storage;
};

// The columns of `entries`, without the rows that lack a value in any of them. Borrows from `seen`.
ObservedRows WholeRows(const TpeObservations& seen, const std::vector<std::size_t>& entries);

// A running trial counts with what it has announced beside the parameters that it has.
TpeObservations ObserveTrials(const std::vector<SpaceEntry>& entries,
                              const std::vector<const TrialRecord*>& trials);

}  // namespace yoake::search
