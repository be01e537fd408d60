#include "studies/results.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <optional>
#include <set>

#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "search/incumbent.h"
#include "studies/event_tail.h"
#include "studies/planner.h"
#include "studies/trial_ledger.h"
#include "studies/trial_story.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

// A large file is written again only when this many times its own writing time has passed.
constexpr double kPatience = 20;

json FiniteOrNull(double value) { return std::isfinite(value) ? json(value) : json(); }

json AttrOr(const search::TrialRecord& trial, const std::string& key, json otherwise) {
  const auto found = trial.user_attrs.find(key);
  return found == trial.user_attrs.end() ? std::move(otherwise) : found->second;
}

json ReadJsonOr(const fs::path& file, json otherwise) {
  try {
    return fs::exists(file) ? ParseJsonFile(file) : otherwise;
  } catch (const Error&) {
    return otherwise;  // The trainer's own file, torn by its death: the report shows what there is.
  }
}

json ReadTests(const StudyFolder& folder, int number, const json& config) {
  json tests = json::object();
  const auto named = config.find("tests");
  if (named == config.end() || !named->is_object()) return tests;
  for (const auto& [test, unused] : named->items()) {
    json result = ReadJsonOr(folder.eval(number, test), nullptr);
    if (!result.is_null()) tests[test] = std::move(result);
  }
  return tests;
}

// What repeated runs say of each combination's configurations; nothing of a combination without such runs.
json Standings(const search::History& history) {
  std::set<Variant> variants;
  for (const search::TrialRecord& trial : history.trials) variants.insert(VariantOf(trial));
  json standings = json::array();
  for (const Variant& variant : variants) {
    const search::History own = HistoryOf(history, variant);
    for (const search::Candidate& candidate : search::RankCandidates(own)) {
      if (!candidate.standard_error) break;
      standings.push_back({{"trial", candidate.trial->number},
                           {"runs", candidate.runs},
                           {"mean", FiniteOrNull(candidate.mean)},
                           {"estimate", FiniteOrNull(candidate.estimate)},
                           {"standard_error", FiniteOrNull(*candidate.standard_error)}});
    }
  }
  return standings;
}

json IdleSeconds(const search::History& history) {
  std::vector<double> idle;
  for (const search::TrialRecord& trial : history.trials) {
    const json seconds = AttrOr(trial, "slot_idle_s", nullptr);
    if (seconds.is_number()) idle.push_back(seconds.get<double>());
  }
  if (idle.empty()) return {{"median", nullptr}, {"max", nullptr}};
  std::sort(idle.begin(), idle.end());
  const std::size_t middle = idle.size() / 2;
  const double median = idle.size() % 2 == 1 ? idle[middle] : (idle[middle - 1] + idle[middle]) / 2;
  return {{"median", median}, {"max", idle.back()}};
}

}  // namespace

ResultsWriter::ResultsWriter(const StudyConfig& study, const PreparedStudy& prepared,
                             const StudyFolder& folder, const Session& session)
    : study_(study), prepared_(prepared), folder_(folder), session_(session) {}

const json& ResultsWriter::Entry(const search::TrialRecord& trial) {
  const int number = trial.number;
  if (const auto found = entries_.find(number); found != entries_.end()) return found->second;
  EventTail tail(folder_.events(number));
  TrialStory story;
  for (const TrialEvent& event : tail.Read()) story.Add(event);
  if (trainer_.empty() && story.started) trainer_ = story.started->trainer;

  json config = ReadJsonOr(folder_.config(number), json::object());
  json entry = {{"number", number},
                {"state", search::ToString(trial.state)},
                {"variant", VariantOf(trial)},
                {"params", search::ExternalValues(trial.params)},
                {"value", trial.values.empty() ? json() : FiniteOrNull(trial.values.front())},
                {"reason", AttrOr(trial, "reason", nullptr)},
                {"message", AttrOr(trial, "message", nullptr)},
                {"seconds", AttrOr(trial, "seconds", nullptr)},
                {"epochs", story.epochs.empty() ? 0 : story.epochs.rbegin()->first},
                {"device", AttrOr(trial, "device", "")},
                {"attempts", AttrOr(trial, "attempts", 1)},
                {"folder", "trials/" + std::to_string(number)},
                {"warnings", AttrOr(trial, "warnings", json::array())},
                {"curve", story.Curve()},
                {"tests", ReadTests(folder_, number, config)}};
  entry["config"] = std::move(config);
  return entries_[number] = std::move(entry);
}

json ResultsWriter::Provenance(const search::History& history, bool complete, double wall_seconds) const {
  return {{"yoake", session_.yoake},
          {"trainer", trainer_},
          {"command", session_.command},
          {"seed", study_.seed},
          {"started", session_.started},
          {"finished", complete ? json(UtcNow()) : json()},
          {"wall_seconds", session_.earlier_wall_seconds + wall_seconds},
          {"slots", session_.slots},
          {"slot_idle_seconds", IdleSeconds(history)},
          {"datasets", prepared_.datasets}};
}

void ResultsWriter::Write(const search::History& history, const Terminated& terminated, bool complete,
                          double wall_seconds, bool final) {
  const double begin = SteadySeconds();
  if (!final && begin < next_write_s_) return;
  json trials = json::array();
  for (const search::TrialRecord& trial : history.trials) {
    if (IsFinished(trial.state)) trials.push_back(Entry(trial));
  }
  json ended = json::array();
  for (const auto& [variant, reason] : terminated)
    ended.push_back({{"variant", variant}, {"reason", reason}});
  const json results = {{"schema", 1},
                        {"name", study_.name},
                        {"metric", study_.metric},
                        {"direction", search::ToString(study_.direction)},
                        {"complete", complete},
                        {"terminated", std::move(ended)},
                        {"provenance", Provenance(history, complete, wall_seconds)},
                        {"factors", Factors(study_)},
                        {"space", study_.space},
                        {"standings", Standings(history)},
                        {"trials", std::move(trials)}};
  WriteFileAtomically(folder_.results(), results.dump(1));
  next_write_s_ = begin + kPatience * (SteadySeconds() - begin);
}

json ReadTerminated(const StudyFolder& folder) {
  return ReadJsonOr(folder.results(), json::object()).value("terminated", json::array());
}

json Factors(const StudyConfig& study) {
  json factors = json::object();
  for (const auto& [factor, levels] : study.variants.items()) {
    factors[factor] = json::array();
    for (const auto& [level, unused] : levels.items()) factors[factor].push_back(level);
  }
  return factors;
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::pair<double, std::string> EarlierSession(const StudyFolder& folder) {
  const json results = ReadJsonOr(folder.results(), json::object());
  const json provenance = results.value("provenance", json::object());
  return {provenance.value("wall_seconds", 0.0), provenance.value("started", "")};
}

}  // namespace yoake::studies
