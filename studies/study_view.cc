#include "studies/study_view.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "search/incumbent.h"
#include "search/pareto_front.h"
#include "search/pruners/objective.h"
#include "studies/event_tail.h"
#include "studies/planner.h"
#include "studies/results.h"
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

// The factors of variants as categorical parameters.
search::History WithVariants(search::History history) {
  std::map<std::string, std::set<std::string>> levels;
  for (const TrialRecord& trial : history.trials) {
    for (const auto& [factor, level] : VariantOf(trial)) levels[factor].insert(level);
  }
  for (TrialRecord& trial : history.trials) {
    for (const auto& [factor, level] : VariantOf(trial)) {
      const std::set<std::string>& known = levels[factor];
      trial.params["variant " + factor] = {
          search::CategoricalDistribution{{known.begin(), known.end()}},
          static_cast<double>(std::distance(known.begin(), known.find(level)))};
    }
  }
  return history;
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
  const std::vector<search::Candidate> ranked = search::RankCandidates(history);
  if (ranked.empty()) return nullptr;
  const search::Candidate& best = ranked.front();
  return {{"number", best.trial->number},
          {"params", search::ExternalValues(best.trial->params)},
          {"values", Values(*best.trial)},
          {"variant", VariantOf(*best.trial)},
          {"runs", best.runs},
          {"mean", Number(best.mean)},
          {"estimate", Number(best.estimate)},
          {"standard_error", best.standard_error ? Number(*best.standard_error) : json()}};
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
          {"terminated", folder == nullptr ? json::array() : ReadTerminated(*folder)},
          {"driver", driver ? json(*driver) : json()}};
}

json ImportanceJson(const search::History& history, const search::ImportanceOptions& options) {
  const search::Importance importance = search::ComputeImportance(WithVariants(history), options);
  json parameters = json::array();
  for (const search::ParameterImportance& one : importance.parameters) {
    parameters.push_back({{"name", one.name},
                          {"importance", one.importance},
                          {"low", one.low},
                          {"high", one.high},
                          {"trials", one.trials}});
  }
  return {{"method", search::ToString(options.method)},
          {"trials", importance.trials},
          {"rest", importance.rest},
          {"parameters", std::move(parameters)}};
}

json ParetoJson(const search::History& history) {
  json front = json::array();
  for (const TrialRecord* trial : search::ParetoFront(history)) {
    front.push_back({{"number", trial->number},
                     {"values", Values(*trial)},
                     {"params", search::ExternalValues(trial->params)},
                     {"variant", VariantOf(*trial)}});
  }
  return front;
}

json HistoryJson(const search::History& history, const std::string& objective) {
  const std::size_t index = search::ObjectiveIndex(history, objective);
  json trials = json::array();
  std::optional<double> best;
  for (const TrialRecord& trial : history.trials) {
    std::optional<double> value;
    if (trial.values.size() > index) value = trial.values[index];
    if (trial.state == TrialState::kComplete && value &&
        (!best || search::IsWorse(*best, *value, history.directions[index]))) {
      best = value;
    }
    trials.push_back({{"number", trial.number},
                      {"state", search::ToString(trial.state)},
                      {"value", value ? Number(*value) : json()},
                      {"best", best ? Number(*best) : json()},
                      {"variant", VariantOf(trial)}});
  }
  return trials;
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
