#include "studies/trial_ledger.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace yoake::studies {

TrialLedger::TrialLedger(Storage& storage, std::string study, std::string claim)
    : storage_(storage), study_(std::move(study)), claim_(std::move(claim)) {
  Refresh();
}

void TrialLedger::Refresh() { history_ = storage_.ReadHistory(study_); }

const search::TrialRecord& TrialLedger::At(int number) const {
  if (const search::TrialRecord* trial = search::Find(history_, number)) return *trial;
  throw Error(ErrorKind::kInternal, "the study '" + study_ + "' has no trial " + std::to_string(number));
}

std::optional<int> TrialLedger::Start(decltype(StartOptions::admit) admit) {
  const auto trial = storage_.StartTrial(study_, {.claim = claim_, .admit = std::move(admit)});
  Refresh();
  return trial ? std::optional(trial->number) : std::nullopt;
}

void TrialLedger::TakeOver(int number) {
  if (claim_.empty()) return;
  storage_.ClaimTrial(study_, number, claim_);
  Record(number).system_attrs[kClaimKey] = claim_;
}

bool TrialLedger::IsAnothers(const search::TrialRecord& trial) const {
  const auto claim = trial.system_attrs.find(kClaimKey);
  return trial.state == search::TrialState::kRunning && claim != trial.system_attrs.end() &&
         claim->second != claim_;
}

bool TrialLedger::OthersRun() const {
  return std::any_of(history_.trials.begin(), history_.trials.end(),
                     [this](const search::TrialRecord& trial) { return IsAnothers(trial); });
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
