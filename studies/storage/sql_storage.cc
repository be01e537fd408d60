#include "studies/storage/sql_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "search/python_json.h"
#include "studies/storage/python_value.h"
#include "studies/storage/soci.h"
#include "studies/storage/sql_connection.h"
#include "studies/storage/stored_number.h"

namespace yoake::studies {
namespace {

using search::Direction;
using search::TrialRecord;
using search::TrialState;
using soci::into;
using soci::use;
using RowId = long long;
using Attributes = std::map<std::string, nlohmann::json>;

// One row of trials, as the table holds it.
struct TrialRow {
  RowId id = 0;
  int number = 0;
  std::string state;
  std::string started;   // Empty for NULL.
  std::string finished;  // Empty for NULL.
  friend bool operator==(const TrialRow&, const TrialRow&) = default;
};

// A finished trial, read once. The row tells whether it is still the same one: SQLite gives the ids of
// deleted trials to new ones.
struct CachedTrial {
  TrialRow row;
  TrialRecord record;
};

bool IsFinished(TrialState state) { return state != TrialState::kRunning && state != TrialState::kWaiting; }

class SqlStorage final : public Storage {
 public:
  SqlStorage(StoreUrl url, OpenMode mode) : db_(std::move(url), mode) {}

  void CreateStudy(const std::string& name, const std::vector<Direction>& directions,
                   const std::vector<std::string>& metric_names, const Attributes& user_attrs) override;
  bool HasStudy(const std::string& name) override;
  std::vector<StudySummary> Studies() override;
  StudySummary ReadStudy(const std::string& study) override;
  void SetStudyUserAttr(const std::string& study, const std::string& key,
                        const nlohmann::json& value) override;
  void SetStudySystemAttr(const std::string& study, const std::string& key,
                          const nlohmann::json& value) override;

  search::History ReadHistory(const std::string& study) override;
  TrialRecord ReadTrial(const std::string& study, int number) override;

  TrialRecord StartTrial(const std::string& study) override;
  int EnqueueTrial(const std::string& study, const search::ParamSet& params,
                   const Attributes& user_attrs) override;
  void SetParams(const std::string& study, int number, const search::Suggestion& suggestion) override;
  void Report(const std::string& study, int number, int step, double value) override;
  void SetTrialUserAttr(const std::string& study, int number, const std::string& key,
                        const nlohmann::json& value) override;
  void SetTrialSystemAttr(const std::string& study, int number, const std::string& key,
                          const nlohmann::json& value) override;
  void FinishTrial(const std::string& study, int number, TrialState state,
                   const std::vector<double>& values) override;

 private:
  [[noreturn]] void Fail(const std::string& message) const {
    throw Error(ErrorKind::kUsage, message, "storage " + db_.url());
  }
  [[noreturn]] void FailDamaged(const std::string& where, const Error& cause) const {
    throw Error(ErrorKind::kStorage, where + ": " + cause.message(), "storage " + db_.url());
  }

  // All of these run inside a transaction of the caller.
  RowId StudyId(soci::session& sql, const std::string& study, bool lock = false) const;
  StudySummary LoadStudy(soci::session& sql, RowId id, const std::string& name) const;
  std::vector<TrialRow> SelectTrials(soci::session& sql, RowId study_id, const std::string& condition) const;
  TrialRow FindTrial(soci::session& sql, const std::string& study, int number);
  TrialRow FindUnfinished(soci::session& sql, const std::string& study, int number);
  const TrialRecord& Load(soci::session& sql, const TrialRow& row);
  TrialRecord LoadRecord(soci::session& sql, const TrialRow& row);
  const search::Distribution& ParsedDistribution(const std::string& json);
  Attributes LoadAttributes(soci::session& sql, const std::string& table, RowId owner) const;
  void SetAttribute(soci::session& sql, const std::string& table, RowId owner, const std::string& key,
                    const nlohmann::json& value) const;
  int InsertTrial(soci::session& sql, RowId study_id, TrialState state, RowId* trial_id) const;
  void CheckDistribution(soci::session& sql, RowId study_id, const std::string& name,
                         const search::Distribution& distribution);
  void SetTrialAttribute(const std::string& study, int number, const std::string& table,
                         const std::string& key, const nlohmann::json& value);
  std::string Now() const { return FormatTimestamp(NowSeconds(), db_.clock()); }

  SqlConnection db_;
  std::map<RowId, CachedTrial> finished_;
  std::map<std::pair<RowId, int>, RowId> trial_ids_;           // By study and number.
  std::map<std::string, search::Distribution> distributions_;  // By JSON text: few texts, many rows.
};

// Optuna 3.2 and later may name the objectives.
std::vector<std::string> MetricNames(const StudySummary& study) {
  const auto names = study.system_attrs.find("study:metric_names");
  if (names == study.system_attrs.end() || !names->second.is_array()) return {};
  std::vector<std::string> texts;
  for (const nlohmann::json& name : names->second) {
    if (name.is_string()) texts.push_back(name.get<std::string>());
  }
  if (texts.size() != study.directions.size()) texts.clear();
  return texts;
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

Direction DirectionFromStored(const std::string& text) {
  // NOT_SET is minimised: that is what Optuna's samplers do with it.
  return text == "MAXIMIZE" ? Direction::kMaximize : Direction::kMinimize;
}

// ---- Studies

void SqlStorage::CreateStudy(const std::string& name, const std::vector<Direction>& directions,
                             const std::vector<std::string>& metric_names, const Attributes& user_attrs) {
  if (name.empty()) Fail("a study needs a name");
  if (directions.empty()) Fail("the study '" + name + "' needs at least one direction");
  if (!metric_names.empty() && metric_names.size() != directions.size()) {
    Fail(fmt::format("the study '{}' has {} directions but {} metric names", name, directions.size(),
                     metric_names.size()));
  }
  db_.Write([&](soci::session& sql) {
    int existing = 0;
    sql << "SELECT count(*) FROM studies WHERE study_name = :name", use(name), into(existing);
    if (existing > 0) Fail("there is a study '" + name + "' already; continue it or choose another name");
    RowId id = 0;
    sql << "INSERT INTO studies (study_name) VALUES (:name) RETURNING study_id", use(name), into(id);
    for (int objective = 0; objective < static_cast<int>(directions.size()); ++objective) {
      const std::string direction = Upper(ToString(directions[static_cast<std::size_t>(objective)]));
      sql << "INSERT INTO study_directions (direction, study_id, objective) VALUES (:direction" +
                 db_.dialect().to_direction + ", :id, :objective)",
          use(direction), use(id), use(objective);
    }
    if (!metric_names.empty()) {
      SetAttribute(sql, "study_system_attributes", id, "study:metric_names", metric_names);
    }
    for (const auto& [key, value] : user_attrs) SetAttribute(sql, "study_user_attributes", id, key, value);
  });
}

bool SqlStorage::HasStudy(const std::string& name) {
  return db_.Read([&](soci::session& sql) {
    int existing = 0;
    sql << "SELECT count(*) FROM studies WHERE study_name = :name", use(name), into(existing);
    return existing > 0;
  });
}

std::vector<StudySummary> SqlStorage::Studies() {
  return db_.Read([&](soci::session& sql) {
    std::vector<std::pair<RowId, std::string>> ids;
    RowId id = 0;
    std::string name;
    soci::statement statement =
        (sql.prepare << "SELECT study_id, study_name FROM studies ORDER BY study_id", into(id), into(name));
    statement.execute();
    while (statement.fetch()) ids.emplace_back(id, name);
    std::vector<StudySummary> studies;
    for (const auto& [study_id, study_name] : ids) studies.push_back(LoadStudy(sql, study_id, study_name));
    return studies;
  });
}

StudySummary SqlStorage::ReadStudy(const std::string& study) {
  return db_.Read([&](soci::session& sql) { return LoadStudy(sql, StudyId(sql, study), study); });
}

StudySummary SqlStorage::LoadStudy(soci::session& sql, RowId id, const std::string& name) const {
  StudySummary summary;
  summary.name = name;
  std::string direction;
  soci::statement directions =
      (sql.prepare << "SELECT direction FROM study_directions WHERE study_id = :id ORDER BY objective",
       use(id), into(direction));
  directions.execute();
  while (directions.fetch()) summary.directions.push_back(DirectionFromStored(direction));
  summary.user_attrs = LoadAttributes(sql, "study_user_attributes", id);
  summary.system_attrs = LoadAttributes(sql, "study_system_attributes", id);
  std::string state;
  int count = 0;
  soci::statement counts =
      (sql.prepare << "SELECT state, count(*) FROM trials WHERE study_id = :id GROUP BY state", use(id),
       into(state), into(count));
  counts.execute();
  while (counts.fetch()) summary.trials[search::ParseTrialState(state)] = count;
  return summary;
}

void SqlStorage::SetStudyUserAttr(const std::string& study, const std::string& key,
                                  const nlohmann::json& value) {
  db_.Write([&](soci::session& sql) {
    SetAttribute(sql, "study_user_attributes", StudyId(sql, study), key, value);
  });
}

void SqlStorage::SetStudySystemAttr(const std::string& study, const std::string& key,
                                    const nlohmann::json& value) {
  db_.Write([&](soci::session& sql) {
    SetAttribute(sql, "study_system_attributes", StudyId(sql, study), key, value);
  });
}

RowId SqlStorage::StudyId(soci::session& sql, const std::string& study, bool lock) const {
  RowId id = 0;
  sql << "SELECT study_id FROM studies WHERE study_name = :name" + (lock ? db_.dialect().lock_row : ""),
      use(study), into(id);
  if (sql.got_data()) return id;
  std::vector<std::string> names(20);
  sql << "SELECT study_name FROM studies ORDER BY study_id DESC LIMIT 20", into(names);
  Fail("there is no study '" + study + "'" +
       (names.empty() ? "; the store is empty" : DidYouMean(study, names)));
}

// ---- Reading trials

search::History SqlStorage::ReadHistory(const std::string& study) {
  return db_.Read([&](soci::session& sql) {
    const RowId id = StudyId(sql, study);
    search::History history;
    const StudySummary summary = LoadStudy(sql, id, study);
    history.directions = summary.directions;
    history.study_name = study;
    history.objective_names = MetricNames(summary);
    for (const TrialRow& row : SelectTrials(sql, id, "")) history.trials.push_back(Load(sql, row));
    return history;
  });
}

TrialRecord SqlStorage::ReadTrial(const std::string& study, int number) {
  return db_.Read([&](soci::session& sql) { return Load(sql, FindTrial(sql, study, number)); });
}

std::vector<TrialRow> SqlStorage::SelectTrials(soci::session& sql, RowId study_id,
                                               const std::string& condition) const {
  std::vector<TrialRow> rows;
  TrialRow row;
  soci::indicator started = soci::i_ok;
  soci::indicator finished = soci::i_ok;
  soci::statement statement = (sql.prepare << "SELECT trial_id, number, state, datetime_start, "
                                              "datetime_complete FROM trials WHERE study_id = "
                                              ":id" +
                                                  condition + " ORDER BY number, trial_id",
                               use(study_id), into(row.id), into(row.number), into(row.state),
                               into(row.started, started), into(row.finished, finished));
  statement.execute();
  while (statement.fetch()) {
    if (started == soci::i_null) row.started.clear();
    if (finished == soci::i_null) row.finished.clear();
    rows.push_back(row);
  }
  return rows;
}

// Numbers have no index in Optuna's schema: the id found last time spares a walk over the study, and a stale
// one finds nothing.
TrialRow SqlStorage::FindTrial(soci::session& sql, const std::string& study, int number) {
  const RowId id = StudyId(sql, study);
  const std::string condition = fmt::format(" AND number = {}", number);
  RowId& trial_id = trial_ids_[{id, number}];
  std::vector<TrialRow> rows;
  if (trial_id != 0) rows = SelectTrials(sql, id, condition + fmt::format(" AND trial_id = {}", trial_id));
  if (rows.empty()) rows = SelectTrials(sql, id, condition);
  if (!rows.empty()) {
    trial_id = rows.front().id;
    return rows.front();
  }
  int count = 0;
  sql << "SELECT count(*) FROM trials WHERE study_id = :id", use(id), into(count);
  Fail(fmt::format("the study '{}' has no trial {}; {}", study, number,
                   count == 0 ? "it has none yet" : fmt::format("its trials are 0 to {}", count - 1)));
}

TrialRow SqlStorage::FindUnfinished(soci::session& sql, const std::string& study, int number) {
  TrialRow row = FindTrial(sql, study, number);
  if (IsFinished(search::ParseTrialState(row.state))) {
    Fail(
        fmt::format("trial {} of the study '{}' is {} already and stays as it is", number, study, row.state));
  }
  return row;
}

const TrialRecord& SqlStorage::Load(soci::session& sql, const TrialRow& row) {
  const auto cached = finished_.find(row.id);
  if (cached != finished_.end() && cached->second.row == row) return cached->second.record;
  CachedTrial& fresh = finished_[row.id];
  fresh = {{}, LoadRecord(sql, row)};
  if (IsFinished(fresh.record.state)) fresh.row = row;  // Else it is read again the next time.
  return fresh.record;
}

TrialRecord SqlStorage::LoadRecord(soci::session& sql, const TrialRow& row) {
  TrialRecord record;
  record.number = row.number;
  const std::string where = fmt::format("trial {}", row.number);
  try {
    record.state = search::ParseTrialState(row.state);
    if (!row.started.empty()) record.started_s = ParseTimestamp(row.started, db_.clock());
    if (!row.finished.empty()) record.finished_s = ParseTimestamp(row.finished, db_.clock());

    std::string text;
    double internal = 0;
    std::string name;
    soci::statement params =
        (sql.prepare
             << "SELECT param_name, param_value, distribution_json FROM trial_params WHERE trial_id = :id",
         use(row.id), into(name), into(internal), into(text));
    params.execute();
    while (params.fetch()) record.params[name] = {ParsedDistribution(text), internal};

    StoredNumber number;
    soci::statement values =
        (sql.prepare << "SELECT value, value_type FROM trial_values WHERE trial_id = :id ORDER BY objective",
         use(row.id), into(number.value, number.present), into(number.type));
    values.execute();
    while (values.fetch()) record.values.push_back(FromStored(number));

    int step = 0;
    soci::statement reports =
        (sql.prepare
             << "SELECT step, intermediate_value, intermediate_value_type FROM trial_intermediate_values "
                "WHERE trial_id = :id",
         use(row.id), into(step), into(number.value, number.present), into(number.type));
    reports.execute();
    while (reports.fetch()) record.intermediate[step] = FromStored(number);

    record.user_attrs = LoadAttributes(sql, "trial_user_attributes", row.id);
    record.system_attrs = LoadAttributes(sql, "trial_system_attributes", row.id);
  } catch (const Error& error) {
    FailDamaged(where, error);
  }
  return record;
}

const search::Distribution& SqlStorage::ParsedDistribution(const std::string& json) {
  const auto known = distributions_.find(json);
  if (known != distributions_.end()) return known->second;
  return distributions_.emplace(json, search::FromOptunaJson(json)).first->second;
}

// ---- Attributes: four tables of the same form, named <owner>_<kind>_attributes.

std::string OwnerColumn(const std::string& table) {
  return table.starts_with("study") ? "study_id" : "trial_id";
}

Attributes SqlStorage::LoadAttributes(soci::session& sql, const std::string& table, RowId owner) const {
  Attributes attributes;
  std::string key;
  std::string json;
  soci::statement statement = (sql.prepare << "SELECT \"key\", value_json FROM " + table + " WHERE " +
                                                  OwnerColumn(table) + " = :owner",
                               use(owner), into(key), into(json));
  statement.execute();
  while (statement.fetch()) {
    try {
      attributes[key] = ParsePythonJson(json);
    } catch (const Error& error) {
      FailDamaged(fmt::format("{} of {}: '{}'", table, owner, key), error);
    }
  }
  return attributes;
}

void SqlStorage::SetAttribute(soci::session& sql, const std::string& table, RowId owner,
                              const std::string& key, const nlohmann::json& value) const {
  const std::string json = search::PythonJson(value);
  const std::string column = OwnerColumn(table);
  sql << "INSERT INTO " + table + " (" + column +
             ", \"key\", value_json) VALUES (:owner, :key, :json) ON CONFLICT (" + column +
             ", \"key\") DO UPDATE SET value_json = excluded.value_json",
      use(owner), use(key), use(json);
}

void SqlStorage::SetTrialAttribute(const std::string& study, int number, const std::string& table,
                                   const std::string& key, const nlohmann::json& value) {
  db_.Write([&](soci::session& sql) {
    const TrialRow row = FindTrial(sql, study, number);
    SetAttribute(sql, table, row.id, key, value);
    finished_.erase(row.id);
  });
}

void SqlStorage::SetTrialUserAttr(const std::string& study, int number, const std::string& key,
                                  const nlohmann::json& value) {
  SetTrialAttribute(study, number, "trial_user_attributes", key, value);
}

void SqlStorage::SetTrialSystemAttr(const std::string& study, int number, const std::string& key,
                                    const nlohmann::json& value) {
  SetTrialAttribute(study, number, "trial_system_attributes", key, value);
}

// ---- Writing trials

int SqlStorage::InsertTrial(soci::session& sql, RowId study_id, TrialState state, RowId* trial_id) const {
  int number = 0;
  sql << "SELECT count(*) FROM trials WHERE study_id = :id", use(study_id), into(number);
  const std::string state_text = ToString(state);
  const std::string now = Now();
  soci::indicator started = state == TrialState::kWaiting ? soci::i_null : soci::i_ok;
  sql << "INSERT INTO trials (number, study_id, state, datetime_start) VALUES (:number, :study, :state" +
             db_.dialect().to_state + ", :now" + db_.dialect().to_timestamp + ") RETURNING trial_id",
      use(number), use(study_id), use(state_text), use(now, started), into(*trial_id);
  return number;
}

TrialRecord SqlStorage::StartTrial(const std::string& study) {
  return db_.Write([&](soci::session& sql) {
    const RowId study_id = StudyId(sql, study, /*lock=*/true);
    RowId id = 0;
    sql << "SELECT trial_id FROM trials WHERE study_id = :study AND state = 'WAITING' ORDER BY number LIMIT "
           "1",
        use(study_id), into(id);
    if (sql.got_data()) {
      const std::string now = Now();
      sql << "UPDATE trials SET state = 'RUNNING', datetime_start = :now" + db_.dialect().to_timestamp +
                 " WHERE trial_id = :id",
          use(now), use(id);
    } else {
      InsertTrial(sql, study_id, TrialState::kRunning, &id);
    }
    return LoadRecord(sql, SelectTrials(sql, study_id, fmt::format(" AND trial_id = {}", id)).at(0));
  });
}

int SqlStorage::EnqueueTrial(const std::string& study, const search::ParamSet& params,
                             const Attributes& user_attrs) {
  return db_.Write([&](soci::session& sql) {
    RowId id = 0;
    const int number = InsertTrial(sql, StudyId(sql, study, /*lock=*/true), TrialState::kWaiting, &id);
    SetAttribute(sql, "trial_system_attributes", id, "fixed_params", search::ExternalValues(params));
    for (const auto& [key, value] : user_attrs) SetAttribute(sql, "trial_user_attributes", id, key, value);
    return number;
  });
}

// Optuna's rule: a name keeps its kind, and a categorical its choices, for a study's life; ranges may change.
bool AreCompatible(const search::Distribution& a, const search::Distribution& b) {
  if (a.index() != b.index()) return false;
  if (const auto* f = std::get_if<search::FloatDistribution>(&a)) {
    return f->log == std::get<search::FloatDistribution>(b).log;
  }
  if (const auto* i = std::get_if<search::IntDistribution>(&a)) {
    return i->log == std::get<search::IntDistribution>(b).log;
  }
  return a == b;
}

void SqlStorage::CheckDistribution(soci::session& sql, RowId study_id, const std::string& name,
                                   const search::Distribution& distribution) {
  std::string json;
  sql << "SELECT p.distribution_json FROM trials t JOIN trial_params p ON p.trial_id = t.trial_id AND "
         "p.param_name = :name WHERE t.study_id = :study ORDER BY t.trial_id LIMIT 1",
      use(name), use(study_id), into(json);
  if (!sql.got_data() || AreCompatible(ParsedDistribution(json), distribution)) return;
  Fail("the parameter '" + name + "' is " + json + " in this study and cannot become " +
       search::ToOptunaJson(distribution) + "; give it another name or start another study");
}

void SqlStorage::SetParams(const std::string& study, int number, const search::Suggestion& suggestion) {
  db_.Write([&](soci::session& sql) {
    const RowId study_id = StudyId(sql, study);
    const RowId id = FindUnfinished(sql, study, number).id;
    for (const auto& [name, param] : suggestion.params) {
      CheckDistribution(sql, study_id, name, param.distribution);
      const std::string json = search::ToOptunaJson(param.distribution);
      sql << "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (:id, "
             ":name, "
             ":value, :json) ON CONFLICT (trial_id, param_name) DO UPDATE SET param_value = "
             "excluded.param_value, "
             "distribution_json = excluded.distribution_json",
          use(id), use(name), use(param.internal), use(json);
    }
    for (const auto& [key, value] : suggestion.system_attrs) {
      SetAttribute(sql, "trial_system_attributes", id, key, value);
    }
  });
}

void SqlStorage::Report(const std::string& study, int number, int step, double value) {
  if (step < 0) Fail(fmt::format("a step must not be negative, {} is", step));
  db_.Write([&](soci::session& sql) {
    const RowId id = FindUnfinished(sql, study, number).id;
    StoredNumber stored = ToStored(value);
    sql << "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, "
           "intermediate_value_type) VALUES "
           "(:id, :step, :value, :type" +
               db_.dialect().to_step_type + ") ON CONFLICT (trial_id, step) DO NOTHING",
        use(id), use(step), use(stored.value, stored.present), use(stored.type);
  });
}

void SqlStorage::FinishTrial(const std::string& study, int number, TrialState state,
                             const std::vector<double>& values) {
  const std::string trial = fmt::format("trial {} of the study '{}'", number, study);
  if (!IsFinished(state))
    Fail(trial + " cannot be finished as " + ToString(state) + "; use COMPLETE, PRUNED or FAIL");
  if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
    Fail(trial + ": NaN cannot be stored as a value; finish it as FAIL");
  }
  db_.Write([&](soci::session& sql) {
    const TrialRow row = FindUnfinished(sql, study, number);
    int objectives = 0;
    const RowId study_id = StudyId(sql, study);
    sql << "SELECT count(*) FROM study_directions WHERE study_id = :id", use(study_id), into(objectives);
    const bool may_be_empty = state != TrialState::kComplete;
    const bool fits =
        values.empty() ? may_be_empty
                       : state != TrialState::kFail && values.size() == static_cast<std::size_t>(objectives);
    if (!fits) {
      const std::string needed =
          state == TrialState::kFail ? "no value" : fmt::format("one value an objective ({})", objectives);
      Fail(fmt::format("{}: {} needs {}, not {}", trial, ToString(state), needed, values.size()));
    }
    if (row.state == "WAITING" && state != TrialState::kFail) {
      Fail(trial + " has not been started (WAITING); it can only be taken out of the queue, as FAIL");
    }
    for (int objective = 0; objective < static_cast<int>(values.size()); ++objective) {
      StoredNumber stored = ToStored(values[static_cast<std::size_t>(objective)]);
      sql << "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (:id, :objective, "
             ":value, :type" +
                 db_.dialect().to_value_type + ")",
          use(row.id), use(objective), use(stored.value, stored.present), use(stored.type);
    }
    const std::string state_text = ToString(state);
    const std::string now = Now();
    sql << "UPDATE trials SET state = :state" + db_.dialect().to_state + ", datetime_complete = :now" +
               db_.dialect().to_timestamp + " WHERE trial_id = :id",
        use(state_text), use(now), use(row.id);
  });
}

}  // namespace

std::unique_ptr<Storage> MakeSqlStorage(StoreUrl url, OpenMode mode) {
  return std::make_unique<SqlStorage>(std::move(url), mode);
}

std::unique_ptr<Storage> OpenStorage(const std::string& url, OpenMode mode) {
  return MakeSqlStorage(ParseStoreUrl(url), mode);
}

}  // namespace yoake::studies
