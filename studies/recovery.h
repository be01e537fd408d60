#pragma once

#include <string>
#include <vector>

#include "studies/study_folder.h"
#include "studies/trial_ledger.h"

namespace yoake::studies {

// What a killed or interrupted driver left behind.
struct Leftovers {
  std::vector<int> unfinished;  // To run again: same number, same parameters, from the last checkpoint.
  std::vector<int> ended;       // Their events tell the end, only the store does not know it yet.
};

// Looks at every RUNNING trial of the store but those that other workers have claimed and that have no folder
// here: takes it over, ends processes that are still at it, then sorts by what its events.jsonl says.
// Finished trials are not touched. The folder's lock is held.
Leftovers FindLeftovers(const StudyFolder& folder, TrialLedger* ledger, const std::string& metric);

}  // namespace yoake::studies
