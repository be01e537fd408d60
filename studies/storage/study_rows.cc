#include "studies/storage/study_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "search/python_json.h"
#include "studies/storage/python_value.h"

namespace yoake::studies {
namespace {

using search::Direction;
using soci::into;
using soci::use;

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

Direction DirectionFromStored(const std::string& text) {
  // NOT_SET is minimised: that is what Optuna's samplers do with it.
  return text == "MAXIMIZE" ? Direction::kMaximize : Direction::kMinimize;
}

}  // namespace

RowId FindStudy(Sql& sql, const std::string& study, const std::string& lock) {
  RowId id = 0;
  if (sql.Run("SELECT study_id FROM studies WHERE study_name = :name" + lock, use(study), into(id)))
    return id;
  std::vector<std::string> names;
  std::string name;
  sql.ForEach(
      "SELECT study_name FROM studies ORDER BY study_id DESC LIMIT 20", [&] { names.push_back(name); },
      into(name));
  throw Error(ErrorKind::kUsage, "there is no study '" + study + "'" +
                                     (names.empty() ? "; the store is empty" : DidYouMean(study, names)));
}

RowId InsertStudy(Sql& sql, const std::string& name, const std::vector<Direction>& directions) {
  RowId id = 0;
  sql.Run("INSERT INTO studies (study_name) VALUES (:name) RETURNING study_id", use(name), into(id));
  for (int objective = 0; objective < static_cast<int>(directions.size()); ++objective) {
    const std::string direction = Upper(ToString(directions[static_cast<std::size_t>(objective)]));
    sql.Run(
        "INSERT INTO study_directions (direction, study_id, objective) VALUES (:direction, :id, :objective)",
        use(direction), use(id), use(objective));
  }
  return id;
}

std::vector<Direction> LoadDirections(Sql& sql, RowId study) {
  std::vector<Direction> directions;
  std::string direction;
  sql.ForEach(
      "SELECT direction FROM study_directions WHERE study_id = :id ORDER BY objective",
      [&] { directions.push_back(DirectionFromStored(direction)); }, use(study), into(direction));
  return directions;
}

StudySummary LoadStudy(Sql& sql, RowId study, const std::string& name) {
  StudySummary summary;
  summary.name = name;
  summary.directions = LoadDirections(sql, study);
  summary.user_attrs = LoadAttributes(sql, AttributeTable::kStudyUser, study);
  summary.system_attrs = LoadAttributes(sql, AttributeTable::kStudySystem, study);
  std::string state;
  int count = 0;
  sql.ForEach(
      "SELECT state, count(*) FROM trials WHERE study_id = :id GROUP BY state",
      [&] { summary.trials[search::ParseTrialState(state)] = count; }, use(study), into(state), into(count));
  return summary;
}

std::vector<std::string> MetricNames(Sql& sql, RowId study, std::size_t objectives) {
  const Attributes attrs = LoadAttributes(sql, AttributeTable::kStudySystem, study);
  const auto names = attrs.find("study:metric_names");
  if (names == attrs.end() || !names->second.is_array()) return {};
  std::vector<std::string> texts;
  for (const nlohmann::json& name : names->second) {
    if (name.is_string()) texts.push_back(name.get<std::string>());
  }
  if (texts.size() != objectives) texts.clear();
  return texts;
}

std::vector<std::pair<RowId, std::string>> ListStudies(Sql& sql) {
  std::vector<std::pair<RowId, std::string>> studies;
  RowId id = 0;
  std::string name;
  sql.ForEach(
      "SELECT study_id, study_name FROM studies ORDER BY study_id", [&] { studies.emplace_back(id, name); },
      into(id), into(name));
  return studies;
}

std::string NameOf(AttributeTable table) {
  switch (table) {
    case AttributeTable::kStudyUser:
      return "study_user_attributes";
    case AttributeTable::kStudySystem:
      return "study_system_attributes";
    case AttributeTable::kTrialUser:
      return "trial_user_attributes";
    case AttributeTable::kTrialSystem:
      return "trial_system_attributes";
  }
  return "";
}

std::string OwnerColumnOf(AttributeTable table) {
  const bool study = table == AttributeTable::kStudyUser || table == AttributeTable::kStudySystem;
  return study ? "study_id" : "trial_id";
}

nlohmann::json ParseAttribute(AttributeTable table, RowId owner, const std::string& key,
                              const std::string& json) {
  try {
    return ParsePythonJson(json);
  } catch (const Error& error) {
    throw Error(ErrorKind::kStorage,
                fmt::format("{} of {}: '{}': {}", NameOf(table), owner, key, error.message()));
  }
}

Attributes LoadAttributes(Sql& sql, AttributeTable table, RowId owner) {
  Attributes attributes;
  std::string key;
  std::string json;
  sql.ForEach(
      "SELECT \"key\", value_json FROM " + NameOf(table) + " WHERE " + OwnerColumnOf(table) + " = :owner",
      [&] { attributes[key] = ParseAttribute(table, owner, key, json); }, use(owner), into(key), into(json));
  return attributes;
}

void SetAttribute(Sql& sql, AttributeTable table, RowId owner, const std::string& key,
                  const nlohmann::json& value) {
  const std::string json = search::PythonJson(value);
  const std::string column = OwnerColumnOf(table);
  sql.Run("INSERT INTO " + NameOf(table) + " (" + column +
              ", \"key\", value_json) VALUES (:owner, :key, :json) ON CONFLICT (" + column +
              ", \"key\") DO UPDATE SET value_json = excluded.value_json",
          use(owner), use(key), use(json));
}

}  // namespace yoake::studies
