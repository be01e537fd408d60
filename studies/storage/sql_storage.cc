#include "studies/storage/sql_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "search/python_json.h"
#include "studies/storage/claims.h"
#include "studies/storage/retries.h"
#include "studies/storage/sql_connection.h"
#include "studies/storage/stored_number.h"
#include "studies/storage/study_rows.h"
#include "studies/storage/trial_rows.h"

namespace yoake::studies {
namespace {

using search::Direction;
using search::IsFinished;
using search::TrialRecord;
using search::TrialState;
using soci::into;
using soci::use;

[[noreturn]] void RefuseUse(const std::string& message) { throw Error(ErrorKind::kUsage, message); }

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

class SqlStorage final : public Storage {
 public:
  SqlStorage(StoreUrl url, OpenMode mode)
      : where_("storage " + url.text), db_(std::move(url), mode), claims_(where_) {}

  std::string Warning() const override { return db_.Warning(); }

  void CreateStudy(const std::string& name, const std::vector<Direction>& directions,
                   const std::vector<std::string>& metric_names, const Attributes& user_attrs) override;
  bool HasStudy(const std::string& name) override;
  std::vector<StudySummary> Studies() override;
  StudySummary ReadStudy(const std::string& study) override;
  void SetStudyUserAttr(const std::string& study, const std::string& key,
                        const nlohmann::json& value) override {
    SetStudyAttribute(study, AttributeTable::kStudyUser, key, value);
  }
  void SetStudySystemAttr(const std::string& study, const std::string& key,
                          const nlohmann::json& value) override {
    SetStudyAttribute(study, AttributeTable::kStudySystem, key, value);
  }

  search::History ReadHistory(const std::string& study, Reports reports) override;
  TrialRecord ReadTrial(const std::string& study, int number) override;

  std::optional<TrialRecord> StartTrial(const std::string& study, const StartOptions& options) override;
  void ClaimTrial(const std::string& study, int number, const std::string& claim) override;
  std::vector<int> BeatTrials(const std::string& study) override;
  std::vector<StaleTrial> FailStaleTrials(const std::string& study, const StaleRule& rule) override;
  int EnqueueTrial(const std::string& study, const search::ParamSet& params,
                   const Attributes& user_attrs) override;
  void SetParams(const std::string& study, int number, const search::Suggestion& suggestion) override;
  void Report(const std::string& study, int number, int step, double value) override;
  void SetTrialUserAttr(const std::string& study, int number, const std::string& key,
                        const nlohmann::json& value) override {
    SetTrialAttribute(study, number, AttributeTable::kTrialUser, key, value);
  }
  void SetTrialSystemAttr(const std::string& study, int number, const std::string& key,
                          const nlohmann::json& value) override {
    SetTrialAttribute(study, number, AttributeTable::kTrialSystem, key, value);
  }
  void FinishTrial(const std::string& study, int number, TrialState state,
                   const std::vector<double>& values) override;

 private:
  // All of these run inside a transaction of the caller.
  search::History LoadHistory(Sql& sql, const std::string& study, Reports reports);
  TrialRow FindUnfinished(Sql& sql, const std::string& study, int number);
  std::optional<RowId> TakeWaiting(Sql& sql, RowId study);
  RowId InsertTrial(Sql& sql, RowId study, TrialState state, int* number = nullptr);
  void CheckDistribution(Sql& sql, RowId study, const std::string& name,
                         const search::Distribution& distribution);

  void SetStudyAttribute(const std::string& study, AttributeTable table, const std::string& key,
                         const nlohmann::json& value);
  void SetTrialAttribute(const std::string& study, int number, AttributeTable table, const std::string& key,
                         const nlohmann::json& value);
  std::string Now() const { return FormatTimestamp(NowSeconds(), db_.clock()); }
  const std::string& lock() const { return db_.dialect().lock; }

  std::string where_;
  SqlConnection db_;
  TrialReader trials_;
  ClaimBook claims_;
};

// ---- Studies

void SqlStorage::CreateStudy(const std::string& name, const std::vector<Direction>& directions,
                             const std::vector<std::string>& metric_names, const Attributes& user_attrs) {
  db_.Write([&](Sql& sql) {
    if (name.empty()) RefuseUse("a study needs a name");
    if (directions.empty()) RefuseUse("the study '" + name + "' needs at least one direction");
    if (!metric_names.empty() && metric_names.size() != directions.size()) {
      RefuseUse(fmt::format("the study '{}' has {} directions but {} metric names", name, directions.size(),
                            metric_names.size()));
    }
    int existing = 0;
    sql.Run("SELECT count(*) FROM studies WHERE study_name = :name", use(name), into(existing));
    if (existing > 0)
      RefuseUse("there is a study '" + name + "' already; continue it or choose another name");
    const RowId id = InsertStudy(sql, name, directions);
    if (!metric_names.empty()) {
      SetAttribute(sql, AttributeTable::kStudySystem, id, "study:metric_names", metric_names);
    }
    for (const auto& [key, value] : user_attrs) {
      SetAttribute(sql, AttributeTable::kStudyUser, id, key, value);
    }
  });
}

bool SqlStorage::HasStudy(const std::string& name) {
  return db_.Read([&](Sql& sql) {
    int existing = 0;
    sql.Run("SELECT count(*) FROM studies WHERE study_name = :name", use(name), into(existing));
    return existing > 0;
  });
}

std::vector<StudySummary> SqlStorage::Studies() {
  return db_.Read([&](Sql& sql) {
    std::vector<StudySummary> studies;
    for (const auto& [id, name] : ListStudies(sql)) studies.push_back(LoadStudy(sql, id, name));
    return studies;
  });
}

StudySummary SqlStorage::ReadStudy(const std::string& study) {
  return db_.Read([&](Sql& sql) { return LoadStudy(sql, FindStudy(sql, study), study); });
}

void SqlStorage::SetStudyAttribute(const std::string& study, AttributeTable table, const std::string& key,
                                   const nlohmann::json& value) {
  db_.Write([&](Sql& sql) { SetAttribute(sql, table, FindStudy(sql, study), key, value); });
}

// ---- Reading trials

search::History SqlStorage::LoadHistory(Sql& sql, const std::string& study, Reports reports) {
  const RowId id = FindStudy(sql, study);
  const std::vector<TrialRow> rows = TrialReader::Rows(sql, id);
  search::History history;
  history.directions = LoadDirections(sql, id);
  history.trials = trials_.Load(sql, db_.clock(), id, rows, reports);
  history.study_name = study;
  history.objective_names = MetricNames(sql, id, history.directions.size());
  return history;
}

search::History SqlStorage::ReadHistory(const std::string& study, Reports reports) {
  return db_.Read([&](Sql& sql) { return LoadHistory(sql, study, reports); });
}

TrialRecord SqlStorage::ReadTrial(const std::string& study, int number) {
  return db_.Read([&](Sql& sql) { return trials_.Load(sql, db_.clock(), trials_.Find(sql, study, number)); });
}

// ---- Starting trials: under the lock of the study's row, which Optuna takes too, so that numbers stay
// dense.

RowId SqlStorage::InsertTrial(Sql& sql, RowId study, TrialState state, int* number) {
  int count = 0;
  sql.Run("SELECT count(*) FROM trials WHERE study_id = :study", use(study), into(count));
  const std::string state_text = ToString(state);
  const std::string now = Now();
  soci::indicator started = state == TrialState::kWaiting ? soci::i_null : soci::i_ok;
  RowId id = 0;
  sql.Run(
      "INSERT INTO trials (number, study_id, state, datetime_start) VALUES (:number, :study, :state, :now) "
      "RETURNING trial_id",
      use(count), use(study), use(state_text), use(now, started), into(id));
  if (number != nullptr) *number = count;
  return id;
}

std::optional<RowId> SqlStorage::TakeWaiting(Sql& sql, RowId study) {
  RowId id = 0;
  if (!sql.Run("SELECT trial_id FROM trials WHERE study_id = :study AND state = 'WAITING' ORDER BY number, "
               "trial_id LIMIT 1" +
                   db_.dialect().lock_free,
               use(study), into(id))) {
    return std::nullopt;
  }
  const std::string now = Now();
  sql.Run("UPDATE trials SET state = 'RUNNING', datetime_start = :now WHERE trial_id = :trial", use(now),
          use(id));
  return id;
}

std::optional<TrialRecord> SqlStorage::StartTrial(const std::string& study, const StartOptions& options) {
  RowId started = 0;
  auto trial = db_.Write([&](Sql& sql) -> std::optional<TrialRecord> {
    const RowId study_id = FindStudy(sql, study, lock());
    std::optional<RowId> id = TakeWaiting(sql, study_id);
    if (!id) {
      const std::optional<Attributes> attrs =
          options.admit ? options.admit(LoadHistory(sql, study, Reports::kAll)) : Attributes();
      if (!attrs) return std::nullopt;
      id = InsertTrial(sql, study_id, TrialState::kRunning);
      for (const auto& [key, value] : *attrs) SetAttribute(sql, AttributeTable::kTrialUser, *id, key, value);
    }
    if (!options.claim.empty()) ClaimBook::Write(sql, *id, options.claim);
    started = *id;
    return trials_.Load(sql, db_.clock(), TrialReader::RowOf(sql, *id));
  });
  if (trial && !options.claim.empty()) claims_.Hold(started, options.claim);
  return trial;
}

int SqlStorage::EnqueueTrial(const std::string& study, const search::ParamSet& params,
                             const Attributes& user_attrs) {
  return db_.Write([&](Sql& sql) {
    int number = 0;
    const RowId id = InsertTrial(sql, FindStudy(sql, study, lock()), TrialState::kWaiting, &number);
    SetAttribute(sql, AttributeTable::kTrialSystem, id, "fixed_params", search::ExternalValues(params));
    for (const auto& [key, value] : user_attrs) SetAttribute(sql, AttributeTable::kTrialUser, id, key, value);
    return number;
  });
}

// ---- Claims

void SqlStorage::ClaimTrial(const std::string& study, int number, const std::string& claim) {
  const RowId id = db_.Write([&](Sql& sql) {
    const TrialRow row = trials_.Find(sql, study, number, lock());
    if (row.state != "RUNNING") {
      RefuseUse(fmt::format("trial {} of the study '{}' is {}, not RUNNING", number, study, row.state));
    }
    ClaimBook::Write(sql, row.id, claim);
    return row.id;
  });
  claims_.Hold(id, claim);
}

std::vector<int> SqlStorage::BeatTrials(const std::string& /*study*/) {
  if (claims_.empty()) return {};
  const auto lost = db_.Write([&](Sql& sql) { return claims_.Beat(sql, lock()); });
  std::vector<int> numbers;
  for (const auto& [id, number] : lost) {
    claims_.MarkLost(id);
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<StaleTrial> SqlStorage::FailStaleTrials(const std::string& study, const StaleRule& rule) {
  return db_.Write([&](Sql& sql) {
    const RowId study_id = FindStudy(sql, study, lock());
    std::vector<StaleTrial> stale;
    for (const RowId id : StaleTrials(sql, db_.dialect(), study_id, rule.grace_s)) {
      StaleTrial& one = stale.emplace_back();
      one.number = TrialReader::RowOf(sql, id).number;
      one.claim = ClaimOf(sql, id);
      FailStale(sql, id, one.claim, rule.grace_s, Now());
      if (!MayRetry(sql, id, rule.retries)) continue;
      int again = 0;
      const RowId copy = InsertTrial(sql, study_id, TrialState::kWaiting, &again);
      CopyForRetry(sql, id, one.number, copy, rule.attempt_attrs);
      one.again = again;
    }
    return stale;
  });
}

// ---- Writing trials

TrialRow SqlStorage::FindUnfinished(Sql& sql, const std::string& study, int number) {
  TrialRow row = trials_.Find(sql, study, number, lock());
  claims_.Check(sql, row);
  if (row.ended()) {
    RefuseUse(
        fmt::format("trial {} of the study '{}' is {} already and stays as it is", number, study, row.state));
  }
  return row;
}

void SqlStorage::SetTrialAttribute(const std::string& study, int number, AttributeTable table,
                                   const std::string& key, const nlohmann::json& value) {
  db_.Write([&](Sql& sql) {
    const TrialRow row = trials_.Find(sql, study, number, lock());
    claims_.Check(sql, row);
    SetAttribute(sql, table, row.id, key, value);
    trials_.Forget(row.id);
  });
}

void SqlStorage::CheckDistribution(Sql& sql, RowId study, const std::string& name,
                                   const search::Distribution& distribution) {
  std::string json;
  const bool known = sql.Run(
      "SELECT p.distribution_json FROM trials t JOIN trial_params p ON p.trial_id = t.trial_id AND "
      "p.param_name = :name WHERE t.study_id = :study ORDER BY t.trial_id LIMIT 1",
      use(name), use(study), into(json));
  if (!known || AreCompatible(trials_.ParsedDistribution(json), distribution)) return;
  RefuseUse("the parameter '" + name + "' is " + json + " in this study and cannot become " +
            search::ToOptunaJson(distribution) + "; give it another name or start another study");
}

void SqlStorage::SetParams(const std::string& study, int number, const search::Suggestion& suggestion) {
  db_.Write([&](Sql& sql) {
    const RowId study_id = FindStudy(sql, study);
    const RowId id = FindUnfinished(sql, study, number).id;
    for (const auto& [name, param] : suggestion.params) {
      CheckDistribution(sql, study_id, name, param.distribution);
      const std::string json = search::ToOptunaJson(param.distribution);
      sql.Run(
          "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (:id, "
          ":name, :value, :json) ON CONFLICT (trial_id, param_name) DO UPDATE SET param_value = "
          "excluded.param_value, distribution_json = excluded.distribution_json",
          use(id), use(name), use(param.internal), use(json));
    }
    for (const auto& [key, value] : suggestion.system_attrs) {
      SetAttribute(sql, AttributeTable::kTrialSystem, id, key, value);
    }
  });
}

void SqlStorage::Report(const std::string& study, int number, int step, double value) {
  db_.Write([&](Sql& sql) {
    if (step < 0) RefuseUse(fmt::format("a step must not be negative, {} is", step));
    const RowId id = FindUnfinished(sql, study, number).id;
    StoredNumber stored = ToStored(value);
    sql.Run(
        "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) "
        "VALUES (:id, :step, :value, :type) ON CONFLICT (trial_id, step) DO NOTHING",
        use(id), use(step), use(stored.value, stored.present), use(stored.type));
  });
}

// Throws Error{kUsage} unless a trial in this state may end so.
void CheckEnd(const std::string& trial, const std::string& before, TrialState state, std::size_t values,
              std::size_t objectives) {
  const bool may_be_empty = state != TrialState::kComplete;
  const bool fits = values == 0 ? may_be_empty : state != TrialState::kFail && values == objectives;
  if (!fits) {
    const std::string needed =
        state == TrialState::kFail ? "no value" : fmt::format("one value an objective ({})", objectives);
    RefuseUse(fmt::format("{}: {} needs {}, not {}", trial, ToString(state), needed, values));
  }
  if (before == "WAITING" && state != TrialState::kFail) {
    RefuseUse(trial + " has not been started (WAITING); it can only be taken out of the queue, as FAIL");
  }
}

void SqlStorage::FinishTrial(const std::string& study, int number, TrialState state,
                             const std::vector<double>& values) {
  const RowId id = db_.Write([&](Sql& sql) {
    const std::string trial = fmt::format("trial {} of the study '{}'", number, study);
    if (!IsFinished(state)) {
      RefuseUse(trial + " cannot be finished as " + ToString(state) + "; use COMPLETE, PRUNED or FAIL");
    }
    if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
      RefuseUse(trial + ": NaN cannot be stored as a value; finish it as FAIL");
    }
    const TrialRow row = FindUnfinished(sql, study, number);
    int objectives = 0;
    sql.Run("SELECT count(*) FROM study_directions WHERE study_id = :study", use(FindStudy(sql, study)),
            into(objectives));
    CheckEnd(trial, row.state, state, values.size(), static_cast<std::size_t>(objectives));
    for (int objective = 0; objective < static_cast<int>(values.size()); ++objective) {
      StoredNumber stored = ToStored(values[static_cast<std::size_t>(objective)]);
      sql.Run(
          "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (:id, :objective, "
          ":value, "
          ":type)",
          use(row.id), use(objective), use(stored.value, stored.present), use(stored.type));
    }
    EndTrial(sql, row.id, ToString(state), Now());
    return row.id;
  });
  claims_.Drop(id);
}

}  // namespace

std::unique_ptr<Storage> MakeSqlStorage(StoreUrl url, OpenMode mode) {
  return std::make_unique<SqlStorage>(std::move(url), mode);
}

std::unique_ptr<Storage> OpenStorage(const std::string& url, OpenMode mode) {
  return MakeSqlStorage(ParseStoreUrl(url), mode);
}

}  // namespace yoake::studies
