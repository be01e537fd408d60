#pragma once

#include <string>
#include <vector>

#include "studies/storage/sql.h"
#include "studies/storage/sql_dialect.h"

namespace yoake::studies {

// Trials whose worker has died, and their repetition in the form of Optuna's RetryFailedTrialCallback: a
// waiting copy with the same parameters and attributes, "failed_trial" (the first of the series) and
// "retry_history" (all before it). Every function runs inside a transaction of the caller.

// Running trials whose heartbeat is older than `grace_s`, ascending by number; those that somebody is writing
// into at this moment are not among them. Their rows are locked.
std::vector<RowId> StaleTrials(Sql& sql, const SqlDialect& dialect, RowId study, double grace_s);

// Ends it as FAIL, with "reason" and "message" for people.
void FailStale(Sql& sql, RowId trial, const std::string& claim, double grace_s, const std::string& now);

// Whether the series of a trial has had fewer than `retries` repetitions.
bool MayRetry(Sql& sql, RowId trial, int retries);

// Gives the waiting trial `copy` what `trial` with this number had, without user attributes of the attempt.
void CopyForRetry(Sql& sql, RowId trial, int number, RowId copy,
                  const std::vector<std::string>& attempt_attrs);

// Sets a trial's state (COMPLETE, PRUNED, FAIL) and the time of its end.
void EndTrial(Sql& sql, RowId trial, const std::string& state, const std::string& now);

}  // namespace yoake::studies
