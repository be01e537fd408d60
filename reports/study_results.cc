#include "reports/study_results.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::reports {
namespace {

constexpr int kSchema = 1;

// A number, absent for null. Infinite values travel as strings, as in the trial protocol.
std::optional<double> AsNumber(const JsonReader& reader) {
  if (reader.value().is_null()) return std::nullopt;
  if (reader.value().is_string()) {
    const std::string text = reader.AsString();
    if (text == "nan") return std::nullopt;
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
  }
  return reader.AsDouble();
}

std::optional<double> OptionalNumber(const JsonReader& parent, const std::string& key) {
  const auto child = parent.Find(key);
  return child ? AsNumber(*child) : std::nullopt;
}

nlohmann::json ObjectAt(const JsonReader& parent, const std::string& key) {
  const auto child = parent.Find(key);
  if (!child) return nlohmann::json::object();
  child->AsMap();  // Must be an object.
  return child->value();
}

// Turns a parser's complaint about a word into an error at that word's place.
template <typename Parse>
auto ParsedAt(const JsonReader& reader, Parse parse) {
  try {
    return parse(reader.AsString());
  } catch (const Error& error) {
    reader.Fail(error.message());
  }
}

CurvePoint ReadCurvePoint(const JsonReader& reader) {
  CurvePoint point;
  point.epoch = reader.At("epoch").AsInt32();
  point.seconds = OptionalNumber(reader, "seconds");
  for (const auto& [name, value] : reader.At("metrics").AsMap()) point.metrics[name] = AsNumber(value);
  return point;
}

// "day / focal: no trial of the last 30 was better than .."
std::vector<std::string> ReadReasons(const JsonReader& reader) {
  std::vector<std::string> reasons;
  for (const JsonReader& one : reader.AsArray()) {
    std::string label;
    for (const auto& [factor, level] : one.At("variant").AsMap()) {
      label += (label.empty() ? "" : " / ") + level.AsString();
    }
    reasons.push_back((label.empty() ? "" : label + ": ") + one.At("reason").AsString());
  }
  return reasons;
}

TrialResult ReadTrial(const JsonReader& reader) {
  TrialResult trial;
  trial.number = reader.At("number").AsInt32();
  trial.state = ParsedAt(reader.At("state"), search::ParseTrialState);
  if (const auto variant = reader.Find("variant")) {
    for (const auto& [factor, level] : variant->AsMap()) trial.variant[factor] = level.AsString();
  }
  trial.params = ObjectAt(reader, "params");
  trial.value = OptionalNumber(reader, "value");
  reader.Read("reason", &trial.reason);
  reader.Read("message", &trial.message);
  trial.seconds = OptionalNumber(reader, "seconds");
  reader.Read("epochs", &trial.epochs);
  reader.Read("device", &trial.device);
  reader.Read("attempts", &trial.attempts);
  trial.config = ObjectAt(reader, "config");
  reader.Read("folder", &trial.folder);
  reader.Read("warnings", &trial.warnings);
  if (const auto curve = reader.Find("curve")) {
    for (const JsonReader& point : curve->AsArray()) trial.curve.push_back(ReadCurvePoint(point));
  }
  std::stable_sort(trial.curve.begin(), trial.curve.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.epoch < b.epoch; });
  if (const auto tests = reader.Find("tests")) {
    for (const auto& [name, score] : tests->AsMap()) {
      trial.tests[name] = metrics::EvalResultFromJson(score.value(), score.where());
    }
  }
  return trial;
}

// Puts what stands of each configuration to its runs.
void ReadStandings(const JsonReader& reader, StudyResults* results) {
  const auto at = [&](const JsonReader& number) -> TrialResult& {
    const TrialResult* found = Find(*results, number.AsInt32());
    if (found == nullptr) number.Fail("there is no trial " + std::to_string(number.AsInt32()));
    return results->trials[static_cast<std::size_t>(found - results->trials.data())];
  };
  for (const JsonReader& one : reader.AsArray()) {
    TrialResult& first = at(one.At("trial"));
    Standing standing;
    for (const JsonReader& run : one.At("runs").AsArray()) {
      TrialResult& trial = at(run);
      standing.runs.push_back(trial.number);
      if (trial.number != first.number) trial.repeats = first.number;
    }
    standing.mean = OptionalNumber(one, "mean");
    standing.estimate = OptionalNumber(one, "estimate");
    standing.standard_error = OptionalNumber(one, "standard_error");
    first.standing = std::move(standing);
  }
}

DatasetRecord ReadDataset(const JsonReader& reader) {
  DatasetRecord record;
  reader.Read("role", &record.role);
  reader.Read("variant", &record.variant);
  reader.Read("name", &record.name);
  reader.Read("file", &record.file);
  reader.Read("sha256", &record.sha256);
  reader.Read("images", &record.images);
  reader.Read("annotations", &record.annotations);
  return record;
}

Provenance ReadProvenance(const JsonReader& reader) {
  Provenance provenance;
  reader.Read("yoake", &provenance.yoake);
  reader.Read("trainer", &provenance.trainer);
  reader.Read("command", &provenance.command);
  reader.Read("seed", &provenance.seed);
  reader.Read("started", &provenance.started);
  reader.Read("finished", &provenance.finished);
  provenance.wall_seconds = OptionalNumber(reader, "wall_seconds");
  reader.Read("slots", &provenance.slots);
  if (const auto idle = reader.Find("slot_idle_seconds")) {
    provenance.slot_idle_median_s = OptionalNumber(*idle, "median");
    provenance.slot_idle_max_s = OptionalNumber(*idle, "max");
  }
  if (const auto datasets = reader.Find("datasets")) {
    for (const JsonReader& each : datasets->AsArray()) provenance.datasets.push_back(ReadDataset(each));
  }
  return provenance;
}

std::vector<Factor> ReadFactors(const JsonReader& reader) {
  std::vector<Factor> factors;
  for (const auto& [name, levels] : reader.AsMap()) {
    Factor factor{name, {}};
    for (const JsonReader& level : levels.AsArray()) factor.levels.push_back(level.AsString());
    factors.push_back(std::move(factor));
  }
  return factors;
}

StudyResults ReadStudy(const JsonReader& reader) {
  const std::int64_t schema = reader.At("schema").AsInt();
  if (schema != kSchema) {
    reader.At("schema").Fail("schema " + std::to_string(schema) + " is not known; this yoake reads schema " +
                             std::to_string(kSchema));
  }
  StudyResults results;
  results.name = reader.At("name").AsString();
  results.metric = reader.At("metric").AsString();
  results.direction = ParsedAt(reader.At("direction"), search::ParseDirection);
  results.complete = reader.At("complete").AsBool();
  if (const auto terminated = reader.Find("terminated")) results.ended_early = ReadReasons(*terminated);
  results.provenance = ReadProvenance(reader.At("provenance"));
  results.factors = ReadFactors(reader.At("factors"));
  results.space = ObjectAt(reader, "space");
  for (const JsonReader& trial : reader.At("trials").AsArray()) results.trials.push_back(ReadTrial(trial));
  std::stable_sort(results.trials.begin(), results.trials.end(),
                   [](const TrialResult& a, const TrialResult& b) { return a.number < b.number; });
  const auto twice =
      std::adjacent_find(results.trials.begin(), results.trials.end(),
                         [](const TrialResult& a, const TrialResult& b) { return a.number == b.number; });
  if (twice != results.trials.end()) {
    reader.At("trials").Fail("trial number " + std::to_string(twice->number) + " stands twice");
  }
  if (const auto standings = reader.Find("standings")) ReadStandings(*standings, &results);
  return results;
}

}  // namespace

const TrialResult* Find(const StudyResults& results, int number) {
  const auto found = std::ranges::lower_bound(results.trials, number, {}, &TrialResult::number);
  return found != results.trials.end() && found->number == number ? &*found : nullptr;
}

StudyResults StudyResultsFromJson(const nlohmann::json& json, const std::string& source) {
  try {
    return ReadStudy(JsonReader(json, source));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kConfig) throw;
    throw Error(ErrorKind::kData, error.message(), error.where());  // Nobody writes this file by hand.
  }
}

StudyResults ReadStudyResults(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) {
    throw Error(ErrorKind::kUsage,
                "there is no such file; give a study's folder, the one that `yoake study run --out` wrote",
                file.string());
  }
  return StudyResultsFromJson(ParseJsonFile(file), file.string());
}

}  // namespace yoake::reports
