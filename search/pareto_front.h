#pragma once

#include <vector>

#include "search/history.h"

namespace yoake::search {

// The complete trials that no other dominates, by number; of one objective those with the best value. Trials
// without a value for every objective are left out. Borrows from `history`.
std::vector<const TrialRecord*> ParetoFront(const History& history);

}  // namespace yoake::search
