#include "studies/storage/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "search/python_json.h"
#include "studies/storage/python_value.h"

namespace yoake::studies {
namespace {

using nlohmann::json;
using search::IsFinished;
using search::TrialRecord;
using search::TrialState;

enum Operation {
  kCreateStudy = 0,
  kDeleteStudy = 1,
  kStudyUserAttr = 2,
  kStudySystemAttr = 3,
  kCreateTrial = 4,
  kTrialParam = 5,
  kStateValues = 6,
  kIntermediate = 7,
  kTrialUserAttr = 8,
  kTrialSystemAttr = 9,
  kDiscardTrials = 10,
};

// In the order of Optuna's numbers.
constexpr std::array<TrialState, 5> kStates = {TrialState::kRunning, TrialState::kComplete,
                                               TrialState::kPruned, TrialState::kFail, TrialState::kWaiting};
constexpr int kMinimize = 1;
constexpr int kMaximize = 2;

// ---- Reading

// "2026-11-20T09:19:28.002446", naive (local) or with an offset "+00:00".
double ParseIso(const std::string& text) {
  std::string plain = text;
  if (plain.size() > 10 && plain[10] == 'T') plain[10] = ' ';
  constexpr std::size_t kDate = 11;
  const auto sign = plain.find_first_of("+-Z", std::min(kDate, plain.size()));
  if (sign == std::string::npos) return ParseTimestamp(plain, Clock::kLocal);
  int hours = 0;
  int minutes = 0;
  if (plain[sign] != 'Z') std::sscanf(plain.c_str() + sign + 1, "%2d:%2d", &hours, &minutes);
  const double offset = (plain[sign] == '-' ? -1 : 1) * (hours * 3600.0 + minutes * 60.0);
  return ParseTimestamp(plain.substr(0, sign), Clock::kUtc) - offset;
}

std::optional<double> TimeAt(const json& log, const char* key) {
  const auto time = log.find(key);
  if (time == log.end() || time->is_null()) return std::nullopt;
  return ParseIso(time->get<std::string>());
}

// A number, or one of the words that ParsePythonJson makes of NaN and Infinity.
double NumberFrom(const json& value) {
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return value.get<double>();
}

std::vector<double> NumbersFrom(const json& values) {
  std::vector<double> numbers;
  for (const json& value : values) numbers.push_back(NumberFrom(value));
  return numbers;
}

TrialState StateFrom(const json& number) {
  const auto at = number.get<std::size_t>();
  if (at >= kStates.size()) throw Error(ErrorKind::kStorage, "unknown trial state " + number.dump());
  return kStates[at];
}

class Replay {
 public:
  void Apply(const json& log);
  std::vector<StudyDump> Studies() &&;

 private:
  StudyDump* Study(const json& log);    // Null when it has been deleted.
  TrialRecord* Trial(const json& log);  // Null when it is finished or its study gone.
  void CreateStudy(const json& log);
  void CreateTrial(const json& log);
  void SetState(const json& log);

  std::vector<std::optional<StudyDump>> studies_;
  std::vector<std::pair<std::size_t, std::size_t>> trials_;  // Study and number, by trial id.
};

StudyDump* Replay::Study(const json& log) {
  const auto id = log.at("study_id").get<std::size_t>();
  if (id >= studies_.size()) throw Error(ErrorKind::kStorage, fmt::format("there is no study {} yet", id));
  return studies_[id] ? &*studies_[id] : nullptr;
}

TrialRecord* Replay::Trial(const json& log) {
  const auto id = log.at("trial_id").get<std::size_t>();
  if (id >= trials_.size()) throw Error(ErrorKind::kStorage, fmt::format("there is no trial {} yet", id));
  auto& study = studies_[trials_[id].first];
  if (!study) return nullptr;
  TrialRecord& trial = study->trials[trials_[id].second];
  return IsFinished(trial.state) ? nullptr : &trial;
}

void Replay::CreateStudy(const json& log) {
  const std::string name = log.at("study_name");
  for (const auto& study : studies_) {
    if (study && study->name == name) return;  // Another worker was faster; no id is used up.
  }
  StudyDump study;
  study.name = name;
  for (const json& direction : log.at("directions")) {
    study.directions.push_back(direction == kMaximize ? search::Direction::kMaximize
                                                      : search::Direction::kMinimize);
  }
  studies_.push_back(std::move(study));
}

void Replay::CreateTrial(const json& log) {
  const auto id = log.at("study_id").get<std::size_t>();
  StudyDump* study = Study(log);
  if (study == nullptr) return;
  TrialRecord trial;
  trial.number = static_cast<int>(study->trials.size());
  trial.started_s = TimeAt(log, "datetime_start");
  trial.finished_s = TimeAt(log, "datetime_complete");
  if (log.contains("state")) trial.state = StateFrom(log["state"]);
  if (log.contains("values") && !log["values"].is_null()) {
    trial.values = NumbersFrom(log["values"]);
  } else if (log.contains("value") && !log["value"].is_null()) {
    trial.values = {NumberFrom(log["value"])};
  }
  if (log.contains("params")) {
    for (const auto& [name, value] : log["params"].items()) {
      const std::string distribution = log.at("distributions").at(name);
      trial.params[name] = {search::FromOptunaJson(distribution), NumberFrom(value)};
    }
  }
  if (log.contains("intermediate_values")) {
    for (const auto& [step, value] : log["intermediate_values"].items()) {
      trial.intermediate[std::stoi(step)] = NumberFrom(value);
    }
  }
  if (log.contains("user_attrs")) trial.user_attrs = log["user_attrs"];
  if (log.contains("system_attrs")) trial.system_attrs = log["system_attrs"];
  trials_.emplace_back(id, study->trials.size());
  study->trials.push_back(std::move(trial));
}

void Replay::SetState(const json& log) {
  TrialRecord* trial = Trial(log);
  if (trial == nullptr) return;
  trial->state = StateFrom(log.at("state"));
  if (const auto start = TimeAt(log, "datetime_start")) trial->started_s = start;
  if (const auto end = TimeAt(log, "datetime_complete")) trial->finished_s = end;
  if (log.contains("values") && !log["values"].is_null()) trial->values = NumbersFrom(log["values"]);
}

void Replay::Apply(const json& log) {
  switch (log.at("op_code").get<int>()) {
    case kCreateStudy:
      return CreateStudy(log);
    case kDeleteStudy:
      if (Study(log) != nullptr) studies_[log["study_id"].get<std::size_t>()].reset();
      return;
    case kStudyUserAttr:
      if (StudyDump* study = Study(log)) {
        for (const auto& [key, value] : log.at("user_attr").items()) study->user_attrs[key] = value;
      }
      return;
    case kStudySystemAttr:
      if (StudyDump* study = Study(log)) {
        for (const auto& [key, value] : log.at("system_attr").items()) study->system_attrs[key] = value;
      }
      return;
    case kCreateTrial:
      return CreateTrial(log);
    case kTrialParam:
      if (TrialRecord* trial = Trial(log)) {
        trial->params[log.at("param_name")] = {search::FromOptunaJson(log.at("distribution")),
                                               NumberFrom(log.at("param_value_internal"))};
      }
      return;
    case kStateValues:
      return SetState(log);
    case kIntermediate:
      if (TrialRecord* trial = Trial(log)) {
        trial->intermediate[log.at("step").get<int>()] = NumberFrom(log.at("intermediate_value"));
      }
      return;
    case kTrialUserAttr:
      if (TrialRecord* trial = Trial(log)) {
        for (const auto& [key, value] : log.at("user_attr").items()) trial->user_attrs[key] = value;
      }
      return;
    case kTrialSystemAttr:
      if (TrialRecord* trial = Trial(log)) {
        for (const auto& [key, value] : log.at("system_attr").items()) trial->system_attrs[key] = value;
      }
      return;
    case kDiscardTrials:
      throw Error(ErrorKind::kStorage,
                  "discarded trials (Optuna 5) cannot be carried over: numbers would shift");
    default:
      throw Error(ErrorKind::kStorage, "unknown operation " + log.at("op_code").dump());
  }
}

std::vector<StudyDump> Replay::Studies() && {
  std::vector<StudyDump> studies;
  for (auto& study : studies_) {
    if (study) studies.push_back(std::move(*study));
  }
  return studies;
}

// ---- Writing

std::string Iso(double seconds, Clock clock) {
  std::string text = FormatTimestamp(seconds, clock);
  text[10] = 'T';
  return clock == Clock::kUtc ? text + "+00:00" : text;
}

json IsoOrNull(const std::optional<double>& seconds, Clock clock) {
  return seconds ? json(Iso(*seconds, clock)) : json();
}

json CreateTrialLog(std::size_t study, const TrialRecord& trial, Clock clock) {
  const auto state = std::find(kStates.begin(), kStates.end(), trial.state) - kStates.begin();
  json log = {{"op_code", kCreateTrial},
              {"study_id", study},
              {"state", state},
              {"value", nullptr},
              {"values", nullptr},
              {"datetime_start", IsoOrNull(trial.started_s, clock)},
              {"distributions", json::object()},
              {"params", json::object()},
              {"user_attrs", trial.user_attrs},
              {"system_attrs", trial.system_attrs},
              {"intermediate_values", json::object()}};
  if (trial.finished_s) log["datetime_complete"] = Iso(*trial.finished_s, clock);
  if (trial.values.size() == 1) log["value"] = trial.values.front();
  if (trial.values.size() > 1) log["values"] = trial.values;
  for (const auto& [name, param] : trial.params) {
    log["distributions"][name] = search::ToOptunaJson(param.distribution);
    log["params"][name] = param.internal;
  }
  for (const auto& [step, value] : trial.intermediate)
    log["intermediate_values"][std::to_string(step)] = value;
  return log;
}

void Append(json log, std::string* text) {
  log["worker_id"] = "yoake-storage-export";
  *text += search::PythonJson(log) + "\n";
}

}  // namespace

Journal ReadJournal(const std::filesystem::path& file) {
  std::istringstream lines(ReadFile(file));
  Journal journal;
  Replay replay;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string where = fmt::format("{}, line {}", file.string(), number);
    std::optional<json> log;
    try {
      log = ParsePythonJson(line);
    } catch (const Error& error) {
      if (lines.peek() != std::istringstream::traits_type::eof()) {
        throw Error(ErrorKind::kStorage, error.message() + "; only the last line may be torn", where);
      }
      journal.warnings.push_back(where + ": torn by a crash, left out");
      break;
    }
    try {
      replay.Apply(*log);
    } catch (const json::exception& error) {
      throw Error(ErrorKind::kStorage, std::string("not an operation of a journal: ") + error.what(), where);
    } catch (const Error& error) {
      throw Error(ErrorKind::kStorage, error.message(), where);
    }
  }
  journal.studies = std::move(replay).Studies();
  return journal;
}

std::string ToJournal(const std::vector<StudyDump>& studies, Clock clock) {
  std::string text;
  for (std::size_t id = 0; id < studies.size(); ++id) {
    const StudyDump& study = studies[id];
    json directions = json::array();
    for (const search::Direction direction : study.directions) {
      directions.push_back(direction == search::Direction::kMaximize ? kMaximize : kMinimize);
    }
    Append({{"op_code", kCreateStudy}, {"study_name", study.name}, {"directions", directions}}, &text);
    for (const auto& [key, value] : study.user_attrs) {
      Append({{"op_code", kStudyUserAttr}, {"study_id", id}, {"user_attr", {{key, value}}}}, &text);
    }
    for (const auto& [key, value] : study.system_attrs) {
      Append({{"op_code", kStudySystemAttr}, {"study_id", id}, {"system_attr", {{key, value}}}}, &text);
    }
    for (const TrialRecord& trial : study.trials) Append(CreateTrialLog(id, trial, clock), &text);
  }
  return text;
}

}  // namespace yoake::studies
