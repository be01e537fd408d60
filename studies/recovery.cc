#include "studies/recovery.h"

#include "studies/running_trial.h"
#include "studies/trial_story.h"

namespace yoake::studies {

Leftovers FindLeftovers(const StudyFolder& folder, TrialLedger* ledger, const std::string& metric) {
  Leftovers leftovers;
  for (const search::TrialRecord& trial : ledger->history().trials) {
    if (trial.state != search::TrialState::kRunning) continue;
    if (ledger->IsAnothers(trial) && !std::filesystem::exists(folder.trial(trial.number))) continue;
    ledger->TakeOver(trial.number);
    EndLeftovers(folder, trial.number);
    const TrialStory story = ReadStory(folder, trial.number);
    const bool last_word = story.finished || story.failed;
    const bool ended = last_word && !Judge(story, {}, metric).may_retry;
    (ended ? leftovers.ended : leftovers.unfinished).push_back(trial.number);
  }
  return leftovers;
}

}  // namespace yoake::studies
