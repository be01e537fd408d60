#include "studies/storage/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <variant>

#include "core/error.h"
#include "search/distribution.h"
#include "studies/storage/schemas.h"
#include "studies/storage/sql_connection.h"
#include "studies/storage/study_rows.h"

namespace yoake::studies {
namespace {

using soci::into;
using Severity = StoreFinding::Severity;

constexpr int kShown = 3;  // Examples in one message.
constexpr char kCopyFirst[] = "take a copy of the store, then ";

class Checker {
 public:
  Checker(Sql& sql, bool sqlite) : sql_(sql), sqlite_(sqlite) {}

  std::vector<StoreFinding> Check() {
    if (sqlite_) CheckFile();
    if (!CheckSchema()) return std::move(findings_);
    CheckNumbers();
    if (sqlite_) CheckLabels();
    CheckOrphans();
    CheckAttributes();
    CheckParameters();
    CheckValues();
    CheckTimes();
    return std::move(findings_);
  }

 private:
  void Find(Severity severity, const std::string& kind, const std::string& message, const std::string& mend) {
    findings_.push_back({severity, kind, message, mend});
  }

  // The first column of a query's rows, the first few joined, and how many there are.
  std::pair<std::string, int> Rows(const std::string& query) {
    std::string text, shown;
    int count = 0;
    sql_.ForEach(
        query,
        [&] {
          if (count < kShown) shown += (count == 0 ? "" : ", ") + text;
          ++count;
        },
        into(text));
    return {shown + (count > kShown ? fmt::format(", .. ({} in all)", count) : ""), count};
  }

  void FindRows(const std::string& query, Severity severity, const std::string& kind, const std::string& what,
                const std::string& mend) {
    const auto [shown, count] = Rows(query);
    if (count > 0) Find(severity, kind, what + ": " + shown, mend);
  }

  void CheckFile();
  bool CheckSchema();
  void CheckNumbers();
  void CheckLabels();
  void CheckOrphans();
  void CheckAttributes();
  void CheckParameters();
  void CheckValues();
  void CheckTimes();

  Sql& sql_;
  bool sqlite_;
  std::vector<StoreFinding> findings_;
};

void Checker::CheckFile() {
  const auto [shown, count] = Rows("PRAGMA integrity_check");
  if (count == 1 && shown == "ok") return;
  Find(Severity::kError, "file", "the database file is damaged: " + shown,
       std::string(kCopyFirst) + "`sqlite3 FILE .recover | sqlite3 NEW.db`");
}

// Table -> columns, from the embedded schema.
std::map<std::string, std::vector<std::string>> TablesOf(std::string_view schema) {
  std::map<std::string, std::vector<std::string>> tables;
  std::string table;
  for (std::size_t begin = 0; begin < schema.size();) {
    const auto end = std::min(schema.find('\n', begin), schema.size());
    std::string line(schema.substr(begin, end - begin));
    begin = end + 1;
    constexpr std::string_view kCreate = "CREATE TABLE ";
    if (line.starts_with(kCreate)) {
      table = line.substr(kCreate.size(), line.find(' ', kCreate.size()) - kCreate.size());
    } else if (line.starts_with('\t')) {
      std::string column = line.substr(1, line.find(' ') - 1);
      std::erase(column, '"');
      if (std::islower(static_cast<unsigned char>(column.front())) != 0) tables[table].push_back(column);
    }
  }
  return tables;
}

bool Checker::CheckSchema() {
  std::set<std::pair<std::string, std::string>> there;
  std::string table, column;
  const std::string query =
      sqlite_
          ? "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
          : "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = "
            "current_schema()";
  sql_.ForEach(
      query, [&] { there.emplace(table, column); }, into(table), into(column));
  std::string missing;
  for (const auto& [name, columns] : TablesOf(kSchemaSqlite)) {
    for (const std::string& wanted : columns) {
      if (!there.contains({name, wanted})) missing += (missing.empty() ? "" : ", ") + name + "." + wanted;
    }
  }
  if (!missing.empty()) {
    Find(Severity::kError, "schema", "columns are missing: " + missing,
         "the schema is not Optuna's: put the studies into a fresh store by `yoake storage export` and "
         "`import`, "
         "or restore a copy");
  }
  return missing.empty();
}

void Checker::CheckNumbers() {
  FindRows(
      "SELECT s.study_name FROM studies s JOIN trials t ON t.study_id = s.study_id GROUP BY s.study_id, "
      "s.study_name HAVING count(*) <> count(DISTINCT t.number) OR min(t.number) <> 0 OR max(t.number) <> "
      "count(*) - 1 ORDER BY s.study_id",
      Severity::kError, "numbers", "the trial numbers are not 0, 1, 2, .. each once in the studies",
      std::string(kCopyFirst) +
          "number the trials anew in the order of trial_id (UPDATE trials SET number = ..), with nothing "
          "running");
  FindRows(
      "SELECT s.study_name FROM studies s LEFT JOIN study_directions d ON d.study_id = s.study_id GROUP BY "
      "s.study_id, s.study_name HAVING count(d.objective) = 0 OR max(d.objective) <> count(d.objective) - 1 "
      "ORDER BY s.study_id",
      Severity::kError, "directions", "the objectives are not 0, 1, .. each with a direction in the studies",
      "add the missing rows to study_directions");
}

void Checker::CheckLabels() {
  struct Column {
    const char *table, *column, *labels;
  };
  constexpr std::array<Column, 4> kColumns = {
      Column{"trials", "state", "'RUNNING','COMPLETE','PRUNED','FAIL','WAITING'"},
      Column{"study_directions", "direction", "'MINIMIZE','MAXIMIZE','NOT_SET'"},
      Column{"trial_values", "value_type", "'FINITE','INF_POS','INF_NEG'"},
      Column{"trial_intermediate_values", "intermediate_value_type", "'FINITE','INF_POS','INF_NEG','NAN'"}};
  for (const Column& c : kColumns) {
    FindRows(fmt::format("SELECT DISTINCT {0} FROM {1} WHERE {0} NOT IN ({2})", c.column, c.table, c.labels),
             Severity::kError, "labels", fmt::format("unknown labels in {}.{}", c.table, c.column),
             std::string("replace them by one of ") + c.labels);
  }
}

void Checker::CheckOrphans() {
  constexpr std::array<const char*, 6> kOfTrials = {"trial_params",          "trial_values",
                                                    "trial_user_attributes", "trial_intermediate_values",
                                                    "trial_heartbeats",      "trial_system_attributes"};
  constexpr std::array<const char*, 4> kOfStudies = {"trials", "study_directions", "study_user_attributes",
                                                     "study_system_attributes"};
  const auto look = [&](const char* table, const std::string& owner, const char* owners) {
    FindRows(fmt::format("SELECT coalesce(CAST({1} AS VARCHAR(20)), 'NULL') FROM {0} WHERE {1} IS NULL OR "
                         "{1} NOT IN (SELECT {1} "
                         "FROM {2})",
                         table, owner, owners),
             Severity::kWarning, "orphan_rows", fmt::format("rows of {} without their {}", table, owner),
             fmt::format("{}DELETE FROM {} WHERE {} NOT IN (SELECT {} FROM {})", kCopyFirst, table, owner,
                         owner, owners));
  };
  for (const char* table : kOfStudies) look(table, "study_id", "studies");
  for (const char* table : kOfTrials) look(table, "trial_id", "trials");
}

void Checker::CheckAttributes() {
  for (const AttributeTable table : {AttributeTable::kStudyUser, AttributeTable::kStudySystem,
                                     AttributeTable::kTrialUser, AttributeTable::kTrialSystem}) {
    RowId owner = 0;
    std::string key, json;
    sql_.ForEach(
        "SELECT " + OwnerColumnOf(table) + ", \"key\", value_json FROM " + NameOf(table),
        [&] {
          try {
            ParseAttribute(table, owner, key, json);
          } catch (const Error& error) {
            Find(Severity::kError, "json", error.message(),
                 fmt::format("{}UPDATE {} SET value_json = 'null' WHERE {} = {} AND \"key\" = '{}'",
                             kCopyFirst, NameOf(table), OwnerColumnOf(table), owner, key));
          }
        },
        into(owner), into(key), into(json));
  }
}

// A parameter keeps its kind within a study; ranges may change.
std::string KindOf(const search::Distribution& distribution) {
  if (const auto* f = std::get_if<search::FloatDistribution>(&distribution))
    return f->log ? "log float" : "float";
  if (const auto* i = std::get_if<search::IntDistribution>(&distribution)) return i->log ? "log int" : "int";
  return search::ToOptunaJson(distribution);
}

void Checker::CheckParameters() {
  std::map<std::pair<RowId, std::string>, std::string> kinds;
  std::map<std::string, search::Distribution> parsed;
  RowId study = 0;
  int number = 0;
  std::string name, json;
  double value = 0;
  sql_.ForEach(
      "SELECT t.study_id, t.number, p.param_name, p.param_value, p.distribution_json FROM trial_params p "
      "JOIN "
      "trials t ON t.trial_id = p.trial_id ORDER BY t.trial_id",
      [&] {
        const std::string where = fmt::format("study {}, trial {}, parameter '{}'", study, number, name);
        try {
          auto known = parsed.find(json);
          if (known == parsed.end()) known = parsed.emplace(json, search::FromOptunaJson(json)).first;
          if (!search::Contains(known->second, value)) {
            Find(Severity::kError, "out_of_range", fmt::format("{}: {} is outside of {}", where, value, json),
                 "samplers pass such a trial over; set its state to FAIL, or widen the distribution");
          }
          const std::string kind = KindOf(known->second);
          const auto [first, is_new] = kinds.emplace(std::pair{study, name}, kind);
          if (!is_new && first->second != kind) {
            Find(Severity::kError, "changed_kind", where + ": was " + first->second + ", here " + kind,
                 "give the parameter another name from this trial on");
          }
        } catch (const Error& error) {
          Find(Severity::kError, "distribution", where + ": " + error.message(),
               std::string(kCopyFirst) + "put the right distribution_json there, or fail the trial");
        }
      },
      into(study), into(number), into(name), into(value), into(json));
}

void Checker::CheckValues() {
  FindRows(
      "SELECT CAST(t.trial_id AS VARCHAR(20)) FROM trials t WHERE t.state = 'COMPLETE' AND (SELECT count(*) "
      "FROM "
      "trial_values v WHERE v.trial_id = t.trial_id) <> (SELECT count(*) FROM study_directions d WHERE "
      "d.study_id = t.study_id)",
      Severity::kError, "values", "COMPLETE trials without a value for each objective, by trial_id",
      "set their state to FAIL, or add the rows to trial_values");
  FindRows(
      "SELECT CAST(trial_id AS VARCHAR(20)) FROM trial_values WHERE (value_type = 'FINITE') = (value IS "
      "NULL)",
      Severity::kError, "values", "values that do not fit their value_type, by trial_id",
      "FINITE needs a number, INF_POS and INF_NEG need NULL");
  FindRows(
      "SELECT CAST(trial_id AS VARCHAR(20)) FROM trial_intermediate_values WHERE (intermediate_value_type = "
      "'FINITE') = (intermediate_value IS NULL)",
      Severity::kError, "values", "reports that do not fit their intermediate_value_type, by trial_id",
      "FINITE needs a number, INF_POS, INF_NEG and NAN need NULL");
}

void Checker::CheckTimes() {
  FindRows(
      "SELECT CAST(trial_id AS VARCHAR(20)) FROM trials WHERE (state IN ('COMPLETE', 'PRUNED', 'FAIL')) = "
      "(datetime_complete IS NULL)",
      Severity::kWarning, "times", "finished trials without an end, or unfinished ones with one, by trial_id",
      "set datetime_complete; tables and plots of durations need it");
  FindRows(
      "SELECT CAST(t.trial_id AS VARCHAR(20)) FROM trials t WHERE t.state = 'RUNNING' AND NOT EXISTS (SELECT "
      "1 "
      "FROM trial_heartbeats h WHERE h.trial_id = t.trial_id)",
      Severity::kWarning, "running",
      "RUNNING trials without a heartbeat, by trial_id: nobody notices if they died",
      "if nothing runs them any more: `yoake tell --number N --state fail`, or `yoake study resume DIR`");
}

}  // namespace

std::vector<StoreFinding> CheckStore(const std::string& text) {
  const StoreUrl url = ParseStoreUrl(text);
  try {
    SqlConnection db(url, OpenMode::kExisting);
    return db.Read([&](Sql& sql) { return Checker(sql, url.engine == StoreUrl::Engine::kSqlite).Check(); });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kStorage) throw;
    return {{Severity::kError, "store", error.what(), "see there"}};
  }
}

}  // namespace yoake::studies
