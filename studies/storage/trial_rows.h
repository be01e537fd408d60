#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "search/trial_record.h"
#include "studies/storage/sql.h"
#include "studies/storage/storage.h"
#include "studies/storage/timestamp.h"

namespace yoake::studies {

// One row of trials, as the table holds it.
struct TrialRow {
  RowId id = 0;
  int number = 0;
  std::string state;
  std::string started;   // Empty for NULL.
  std::string finished;  // Empty for NULL.
  friend bool operator==(const TrialRow&, const TrialRow&) = default;

  bool ended() const { return state != "RUNNING" && state != "WAITING"; }
};

// Reads trials, and keeps the finished ones in memory when it has read them whole: they do not change any
// more, but for late attributes.
// Every function runs inside a transaction of the caller.
class TrialReader {
 public:
  // All rows of a study, ascending by number.
  static std::vector<TrialRow> Rows(Sql& sql, RowId study);
  // Locks it until the transaction ends; `lock` is SqlDialect::lock or empty. Throws Error{kStorage} when the
  // row is not there.
  static TrialRow RowOf(Sql& sql, RowId trial, const std::string& lock = "");

  // Throws Error{kUsage} for a number that the study does not have.
  TrialRow Find(Sql& sql, const std::string& study, int number, const std::string& lock = "");

  // The records of these rows of one study, perhaps with more reports than asked for. Throws Error{kStorage}
  // naming the trial whose rows are damaged.
  std::vector<search::TrialRecord> Load(Sql& sql, Clock clock, RowId study, std::span<const TrialRow> rows,
                                        Reports reports);
  search::TrialRecord Load(Sql& sql, Clock clock, const TrialRow& row);

  // A finished trial has been changed: it is read anew.
  void Forget(RowId trial) { finished_.erase(trial); }

  const search::Distribution& ParsedDistribution(const std::string& json);

 private:
  using Records = std::map<RowId, search::TrialRecord*>;

  // The row tells whether it is still the same trial: SQLite gives the ids of deleted ones to new ones.
  struct Finished {
    TrialRow row;
    search::TrialRecord record;
  };

  void LoadOne(Sql& sql, const TrialRow& row, search::TrialRecord* record);
  void LoadMany(Sql& sql, RowId study, RowId first, const Records& records, Reports reports);
  // `which` trials, and which reports, as conditions on the rows of a table `r`.
  template <typename... Scope>
  void Fill(Sql& sql, const Records& records, const std::string& which, const std::string& which_reports,
            const Scope&... scope);

  std::map<RowId, Finished> finished_;
  std::map<std::pair<RowId, int>, RowId> ids_;                 // By study and number.
  std::map<std::string, search::Distribution> distributions_;  // By JSON text: few texts, many rows.
};

}  // namespace yoake::studies
