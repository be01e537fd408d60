#include "studies/trial_ledger.h"

#include <utility>

#include "core/error.h"

namespace yoake::studies {

TrialLedger::TrialLedger(Storage& storage, std::string study) : storage_(storage), study_(std::move(study)) {
  Refresh();
}

void TrialLedger::Refresh() {
  history_ = storage_.ReadHistory(study_);
  for (const auto& [number, value] : expected_) Expect(number, value);
}

search::TrialRecord& TrialLedger::Record(int number) {
  for (search::TrialRecord& trial : history_.trials) {
    if (trial.number == number) return trial;
  }
  throw Error(ErrorKind::kInternal, "the study '" + study_ + "' has no trial " + std::to_string(number));
}

const search::TrialRecord& TrialLedger::At(int number) const {
  return const_cast<TrialLedger*>(this)->Record(number);
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

void TrialLedger::Expect(int number, double value) {
  expected_[number] = value;
  search::TrialRecord& record = Record(number);
  record.state = search::TrialState::kComplete;
  record.values = {value};
}

}  // namespace yoake::studies
