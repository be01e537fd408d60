#pragma once

#include "search/trial_record.h"

namespace yoake::search {

// When a pruner looks: from step n_warmup_steps on, once every interval_steps steps. True when the trial's
// last report is past the warm-up and the first of its interval (steps need not be dense).
bool IsFirstInInterval(const TrialRecord& trial, int n_warmup_steps, int interval_steps);

}  // namespace yoake::search
