#include "studies/study_view.h"

#include <algorithm>
#include <cmath>

#include "studies/event_tail.h"
#include "studies/planner.h"
#include "studies/study.h"
#include "studies/trial_story.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;
using search::TrialRecord;
using search::TrialState;

json Number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? json() : json(value > 0 ? "inf" : "-inf");
}

json Values(const TrialRecord& trial) {
  json values = json::array();
  for (const double value : trial.values) values.push_back(Number(value));
  return values;
}

json Attr(const TrialRecord& trial, const std::string& key) {
  const auto found = trial.user_attrs.find(key);
  return found == trial.user_attrs.end() ? json() : found->second;
}

json Seconds(const TrialRecord& trial) {
  if (const json told = Attr(trial, "seconds"); told.is_number()) return told;
  if (trial.started_s && trial.finished_s) return *trial.finished_s - *trial.started_s;
  return nullptr;
}

json RunningJson(const TrialRecord& trial, const StudyFolder* folder) {
  json running = {{"number", trial.number},
                  {"variant", VariantOf(trial)},
                  {"device", Attr(trial, "device")},
                  {"epoch", 0},
                  {"epochs", nullptr},
                  {"value", nullptr}};
  if (!trial.intermediate.empty()) running["value"] = Number(trial.intermediate.rbegin()->second);
  if (folder == nullptr) return running;
  EventTail tail(folder->events(trial.number));
  TrialStory story;
  for (const TrialEvent& event : tail.Read()) story.Add(event);
  if (!story.epochs.empty()) running["epoch"] = story.epochs.rbegin()->first;
  if (story.started) running["epochs"] = story.started->epochs;
  return running;
}

}  // namespace

json TrialsJson(const search::History& history) {
  json trials = json::array();
  for (const TrialRecord& trial : history.trials) {
    trials.push_back({{"number", trial.number},
                      {"state", search::ToString(trial.state)},
                      {"params", search::ExternalValues(trial.params)},
                      {"values", Values(trial)},
                      {"variant", VariantOf(trial)},
                      {"reason", Attr(trial, "reason")},
                      {"message", Attr(trial, "message")},
                      {"seconds", Seconds(trial)},
                      {"device", Attr(trial, "device")},
                      {"tests", Attr(trial, "tests")}});
  }
  return trials;
}

json BestJson(const search::History& history) {
  const TrialRecord* best = nullptr;
  const bool maximize = history.directions.front() == search::Direction::kMaximize;
  for (const TrialRecord& trial : history.trials) {
    if (trial.state != TrialState::kComplete || trial.values.empty()) continue;
    if (best == nullptr || (maximize ? trial.values.front() > best->values.front()
                                     : trial.values.front() < best->values.front())) {
      best = &trial;
    }
  }
  if (best == nullptr) return nullptr;
  return {{"number", best->number},
          {"params", search::ExternalValues(best->params)},
          {"values", Values(*best)},
          {"variant", VariantOf(*best)}};
}

json StatusJson(const std::string& name, const search::History& history, const StudyFolder* folder) {
  json counts = json::object();
  for (const TrialState state : {TrialState::kComplete, TrialState::kPruned, TrialState::kFail,
                                 TrialState::kRunning, TrialState::kWaiting}) {
    counts[search::ToString(state)] =
        std::count_if(history.trials.begin(), history.trials.end(),
                      [state](const auto& trial) { return trial.state == state; });
  }
  json running = json::array();
  for (const TrialRecord& trial : history.trials) {
    if (trial.state == TrialState::kRunning) running.push_back(RunningJson(trial, folder));
  }
  const auto driver = folder == nullptr ? std::nullopt : DriverOf(*folder);
  return {{"name", name},
          {"trials", std::move(counts)},
          {"running", std::move(running)},
          {"best", BestJson(history)},
          {"driver", driver ? json(*driver) : json()}};
}

json StudiesJson(Storage& storage) {
  json studies = json::array();
  for (const StudySummary& study : storage.Studies()) {
    json directions = json::array();
    for (const auto direction : study.directions) directions.push_back(search::ToString(direction));
    json counts = json::object();
    for (const auto& [state, count] : study.trials) counts[search::ToString(state)] = count;
    studies.push_back({{"name", study.name}, {"directions", directions}, {"trials", counts}});
  }
  return studies;
}

}  // namespace yoake::studies
