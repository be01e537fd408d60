#include "studies/storage/trial_rows.h"

#include <fmt/format.h>

#include "core/error.h"
#include "studies/storage/stored_number.h"
#include "studies/storage/study_rows.h"

namespace yoake::studies {
namespace {

using search::TrialRecord;
using soci::into;
using soci::use;

// Up to so many trials are cheaper one by one than by walking over the study.
constexpr std::size_t kFew = 8;

// The SELECT of trial rows that a condition chooses.
template <typename OnRow, typename... Values>
void SelectRows(Sql& sql, const std::string& condition, OnRow on_row, const Values&... values) {
  TrialRow row;
  soci::indicator started = soci::i_ok;
  soci::indicator finished = soci::i_ok;
  sql.ForEach(
      "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE " + condition,
      [&] {
        if (started == soci::i_null) row.started.clear();
        if (finished == soci::i_null) row.finished.clear();
        on_row(row);
      },
      use(values)..., into(row.id), into(row.number), into(row.state), into(row.started, started),
      into(row.finished, finished));
}

}  // namespace

std::vector<TrialRow> TrialReader::Rows(Sql& sql, RowId study) {
  std::vector<TrialRow> rows;
  SelectRows(
      sql, "study_id = :study ORDER BY number, trial_id", [&](const TrialRow& row) { rows.push_back(row); },
      study);
  return rows;
}

TrialRow TrialReader::RowOf(Sql& sql, RowId trial, const std::string& lock) {
  std::optional<TrialRow> found;
  SelectRows(
      sql, "trial_id = :trial" + lock, [&](const TrialRow& row) { found = row; }, trial);
  if (!found) throw Error(ErrorKind::kStorage, fmt::format("the row {} of trials is gone", trial));
  return *found;
}

// Numbers have no index in Optuna's schema: the id found last time spares a walk over the study, and a stale
// one finds nothing.
TrialRow TrialReader::Find(Sql& sql, const std::string& study, int number, const std::string& lock) {
  const RowId study_id = FindStudy(sql, study);
  RowId& known = ids_[{study_id, number}];
  std::optional<TrialRow> found;
  const auto take = [&](const TrialRow& row) {
    if (!found) found = row;
  };
  if (known != 0) {
    SelectRows(sql, "study_id = :study AND trial_id = :trial AND number = :number" + lock, take, study_id,
               known, number);
  }
  if (!found) {
    SelectRows(sql, "study_id = :study AND number = :number ORDER BY trial_id" + lock, take, study_id,
               number);
  }
  if (found) {
    known = found->id;
    return *found;
  }
  int count = 0;
  sql.Run("SELECT count(*) FROM trials WHERE study_id = :study", use(study_id), into(count));
  throw Error(ErrorKind::kUsage,
              fmt::format("the study '{}' has no trial {}; {}", study, number,
                          count == 0 ? "it has none yet" : fmt::format("its trials are 0 to {}", count - 1)));
}

std::vector<TrialRecord> TrialReader::Load(Sql& sql, Clock clock, RowId study, std::span<const TrialRow> rows,
                                           Reports reports) {
  std::vector<TrialRecord> records(rows.size());
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto cached = finished_.find(rows[i].id);
    if (cached != finished_.end() && cached->second.row == rows[i]) {
      records[i] = cached->second.record;
    } else {
      missing.push_back(i);
    }
  }
  Records wanted;
  for (const std::size_t i : missing) {
    const TrialRow& row = rows[i];
    TrialRecord& record = records[i];
    record.number = row.number;
    record.state = search::ParseTrialState(row.state);
    if (!row.started.empty()) record.started_s = ParseTimestamp(row.started, clock);
    if (!row.finished.empty()) record.finished_s = ParseTimestamp(row.finished, clock);
    wanted[row.id] = &record;
  }
  if (missing.size() <= kFew) {
    for (const std::size_t i : missing) LoadOne(sql, rows[i], &records[i]);
  } else {
    LoadMany(sql, study, wanted.begin()->first, wanted, reports);
  }
  if (reports != Reports::kAll) return records;
  for (const std::size_t i : missing) {
    if (rows[i].ended()) finished_[rows[i].id] = {rows[i], records[i]};
  }
  return records;
}

TrialRecord TrialReader::Load(Sql& sql, Clock clock, const TrialRow& row) {
  return Load(sql, clock, /*study=*/0, std::span(&row, 1), Reports::kAll).front();
}

void TrialReader::LoadOne(Sql& sql, const TrialRow& row, TrialRecord* record) {
  const std::string which = " r WHERE r.trial_id = :trial";
  Fill(sql, {{row.id, record}}, which, which, row.id);
}

void TrialReader::LoadMany(Sql& sql, RowId study, RowId first, const Records& records, Reports reports) {
  const std::string which =
      " r WHERE r.trial_id IN (SELECT t.trial_id FROM trials t WHERE t.study_id = :study AND t.trial_id >= "
      ":first";
  const std::string last_of_pruned =
      " AND t.state = 'PRUNED') AND r.step = (SELECT max(l.step) FROM trial_intermediate_values l WHERE "
      "l.trial_id = r.trial_id)";
  Fill(sql, records, which + ")", which + (reports == Reports::kAll ? ")" : last_of_pruned), study, first);
}

// Reads what five tables hold of the trials that `which` chooses; rows of trials that are not in `records`
// are passed over.
template <typename... Scope>
void TrialReader::Fill(Sql& sql, const Records& records, const std::string& which,
                       const std::string& which_reports, const Scope&... scope) {
  RowId trial = 0;
  std::string name;
  std::string text;
  StoredNumber number;
  int step = 0;
  const auto each = [&](const auto& take) {
    return [&, take] {
      const auto found = records.find(trial);
      if (found == records.end()) return;
      try {
        take(*found->second);
      } catch (const Error& error) {
        throw Error(ErrorKind::kStorage, fmt::format("trial {}: {}", found->second->number, error.message()));
      }
    };
  };
  sql.ForEach("SELECT trial_id, param_name, param_value, distribution_json FROM trial_params" + which,
              each([&](TrialRecord& record) {
                record.params[name] = {ParsedDistribution(text), number.value};
              }),
              use(scope)..., into(trial), into(name), into(number.value), into(text));
  sql.ForEach(
      "SELECT trial_id, value, value_type FROM trial_values" + which + " ORDER BY trial_id, objective",
      each([&](TrialRecord& record) { record.values.push_back(FromStored(number)); }), use(scope)...,
      into(trial), into(number.value, number.present), into(number.type));
  sql.ForEach(
      "SELECT trial_id, step, intermediate_value, intermediate_value_type FROM trial_intermediate_values" +
          which_reports,
      each([&](TrialRecord& record) { record.intermediate[step] = FromStored(number); }), use(scope)...,
      into(trial), into(step), into(number.value, number.present), into(number.type));
  for (const AttributeTable table : {AttributeTable::kTrialUser, AttributeTable::kTrialSystem}) {
    sql.ForEach("SELECT trial_id, \"key\", value_json FROM " + NameOf(table) + which,
                each([&](TrialRecord& record) {
                  auto& attrs = table == AttributeTable::kTrialUser ? record.user_attrs : record.system_attrs;
                  attrs[name] = ParseAttribute(table, trial, name, text);
                }),
                use(scope)..., into(trial), into(name), into(text));
  }
}

const search::Distribution& TrialReader::ParsedDistribution(const std::string& json) {
  const auto known = distributions_.find(json);
  if (known != distributions_.end()) return known->second;
  return distributions_.emplace(json, search::FromOptunaJson(json)).first->second;
}

}  // namespace yoake::studies
