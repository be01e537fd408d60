#include "studies/storage/transfer.h"

#include "core/error.h"
#include "studies/storage/sql_connection.h"
#include "studies/storage/stored_number.h"
#include "studies/storage/study_rows.h"
#include "studies/storage/trial_rows.h"

namespace yoake::studies {
namespace {

using search::TrialRecord;
using soci::use;

RowId InsertTrial(Sql& sql, RowId study, const TrialRecord& trial, Clock clock) {
  const std::string state = ToString(trial.state);
  const auto text = [&](const std::optional<double>& time) {
    return time ? FormatTimestamp(*time, clock) : std::string();
  };
  const std::string started = text(trial.started_s);
  const std::string finished = text(trial.finished_s);
  soci::indicator has_start = trial.started_s ? soci::i_ok : soci::i_null;
  soci::indicator has_end = trial.finished_s ? soci::i_ok : soci::i_null;
  RowId id = 0;
  sql.Run(
      "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) VALUES (:number, "
      ":study, "
      ":state, :started, :finished) RETURNING trial_id",
      use(trial.number), use(study), use(state), use(started, has_start), use(finished, has_end),
      soci::into(id));
  return id;
}

void InsertNumbers(Sql& sql, RowId id, const TrialRecord& trial) {
  for (int objective = 0; objective < static_cast<int>(trial.values.size()); ++objective) {
    StoredNumber stored = ToStored(trial.values[static_cast<std::size_t>(objective)]);
    sql.Run(
        "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (:id, :objective, :value, "
        ":type)",
        use(id), use(objective), use(stored.value, stored.present), use(stored.type));
  }
  for (const auto& [step, value] : trial.intermediate) {
    StoredNumber stored = ToStored(value);
    sql.Run(
        "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) "
        "VALUES (:id, :step, :value, :type)",
        use(id), use(step), use(stored.value, stored.present), use(stored.type));
  }
}

void InsertStudyDump(Sql& sql, const StudyDump& study, Clock clock) {
  int existing = 0;
  sql.Run("SELECT count(*) FROM studies WHERE study_name = :name", use(study.name), soci::into(existing));
  if (existing > 0) {
    throw Error(ErrorKind::kUsage, "there is a study '" + study.name +
                                       "' already; take another store or choose studies by --study");
  }
  const RowId study_id = InsertStudy(sql, study.name, study.directions);
  for (const auto& [key, value] : study.user_attrs) {
    SetAttribute(sql, AttributeTable::kStudyUser, study_id, key, value);
  }
  for (const auto& [key, value] : study.system_attrs) {
    SetAttribute(sql, AttributeTable::kStudySystem, study_id, key, value);
  }
  for (const TrialRecord& trial : study.trials) {
    const RowId id = InsertTrial(sql, study_id, trial, clock);
    for (const auto& [name, param] : trial.params) {
      const std::string json = search::ToOptunaJson(param.distribution);
      sql.Run(
          "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (:id, "
          ":name, "
          ":value, :json)",
          use(id), use(name), use(param.internal), use(json));
    }
    InsertNumbers(sql, id, trial);
    for (const auto& [key, value] : trial.user_attrs) {
      SetAttribute(sql, AttributeTable::kTrialUser, id, key, value);
    }
    for (const auto& [key, value] : trial.system_attrs) {
      SetAttribute(sql, AttributeTable::kTrialSystem, id, key, value);
    }
  }
}

}  // namespace

StoreDump DumpStore(const std::string& url, const std::string& study) {
  SqlConnection db(ParseStoreUrl(url), OpenMode::kExisting);
  return db.Read([&](Sql& sql) {
    if (!study.empty()) FindStudy(sql, study);
    StoreDump dump{{}, db.clock()};
    TrialReader reader;
    for (const auto& [id, name] : ListStudies(sql)) {
      if (!study.empty() && name != study) continue;
      const std::vector<TrialRow> rows = TrialReader::Rows(sql, id);
      dump.studies.push_back({name, LoadDirections(sql, id),
                              LoadAttributes(sql, AttributeTable::kStudyUser, id),
                              LoadAttributes(sql, AttributeTable::kStudySystem, id),
                              reader.Load(sql, db.clock(), id, rows, Reports::kAll)});
    }
    return dump;
  });
}

void FillStore(const std::string& url, const std::vector<StudyDump>& studies) {
  SqlConnection db(ParseStoreUrl(url), OpenMode::kCreate);
  db.Write([&](Sql& sql) {
    for (const StudyDump& study : studies) InsertStudyDump(sql, study, db.clock());
  });
}

}  // namespace yoake::studies
