#include "studies/trial_ledger.h"

#include <utility>

#include "core/error.h"

namespace yoake::studies {

bool IsFinished(search::TrialState state) {
  return state == search::TrialState::kComplete || state == search::TrialState::kPruned ||
         state == search::TrialState::kFail;
}

TrialLedger::TrialLedger(Storage& storage, std::string study) : storage_(storage), study_(std::move(study)) {
  Refresh();
}

void TrialLedger::Refresh() { history_ = storage_.ReadHistory(study_); }

const search::TrialRecord& TrialLedger::At(int number) const {
  for (const search::TrialRecord& trial : history_.trials) {
    if (trial.number == number) return trial;
  }
  throw Error(ErrorKind::kInternal, "the study '" + study_ + "' has no trial " + std::to_string(number));
}

int TrialLedger::Start() {
  const int number = storage_.StartTrial(study_).number;
  Refresh();
  return number;
}

void TrialLedger::SetParams(int number, const search::Suggestion& suggestion) {
  storage_.SetParams(study_, number, suggestion);
  Record(number).params = suggestion.params;
}

void TrialLedger::SetUserAttr(int number, const std::string& key, const nlohmann::json& value) {
  storage_.SetTrialUserAttr(study_, number, key, value);
  Record(number).user_attrs[key] = value;
}

void TrialLedger::SetSystemAttr(int number, const std::string& key, const nlohmann::json& value) {
  storage_.SetTrialSystemAttr(study_, number, key, value);
  Record(number).system_attrs[key] = value;
}

void TrialLedger::Report(int number, int step, double value) {
  search::TrialRecord& record = Record(number);
  if (record.intermediate.contains(step)) return;
  storage_.Report(study_, number, step, value);
  record.intermediate[step] = value;
}

void TrialLedger::Finish(int number, search::TrialState state, const std::vector<double>& values) {
  storage_.FinishTrial(study_, number, state, values);
  expected_.erase(number);
  search::TrialRecord& record = Record(number);
  record.state = state;
  record.values = values;
}

search::History TrialLedger::Forecast() const {
  search::History forecast = history_;
  for (search::TrialRecord& trial : forecast.trials) {
    const auto expected = expected_.find(trial.number);
    if (expected == expected_.end()) continue;
    trial.state = search::TrialState::kComplete;
    trial.values = {expected->second};
  }
  return forecast;
}

}  // namespace yoake::studies
