#include "studies/storage/retries.h"

#include <fmt/format.h>

#include <algorithm>

#include "studies/storage/claims.h"
#include "studies/storage/study_rows.h"

namespace yoake::studies {
namespace {

using soci::into;
using soci::use;

nlohmann::json RetryHistory(const Attributes& system_attrs) {
  const auto before = system_attrs.find("retry_history");
  const bool there = before != system_attrs.end() && before->second.is_array();
  return there ? before->second : nlohmann::json::array();
}

}  // namespace

std::vector<RowId> StaleTrials(Sql& sql, const SqlDialect& dialect, RowId study, double grace_s) {
  std::vector<RowId> stale;
  RowId id = 0;
  sql.ForEach(
      "SELECT t.trial_id FROM trials t JOIN trial_heartbeats h ON h.trial_id = t.trial_id WHERE t.study_id = "
      ":study AND t.state = 'RUNNING' AND " +
          dialect.heartbeat_age_s + " > :grace ORDER BY t.number" + dialect.lock_free,
      [&] { stale.push_back(id); }, use(study), use(grace_s), into(id));
  return stale;
}

void EndTrial(Sql& sql, RowId trial, const std::string& state, const std::string& now) {
  sql.Run("UPDATE trials SET state = :state, datetime_complete = :now WHERE trial_id = :trial", use(state),
          use(now), use(trial));
}

void FailStale(Sql& sql, RowId trial, const std::string& claim, double grace_s, const std::string& now) {
  SetAttribute(sql, AttributeTable::kTrialUser, trial, "reason", "interrupted");
  SetAttribute(sql, AttributeTable::kTrialUser, trial, "message",
               fmt::format("no heartbeat for more than {:g} s from {}", grace_s,
                           claim.empty() ? "its worker" : claim));
  EndTrial(sql, trial, "FAIL", now);
}

bool MayRetry(Sql& sql, RowId trial, int retries) {
  const auto history = RetryHistory(LoadAttributes(sql, AttributeTable::kTrialSystem, trial));
  return static_cast<int>(history.size()) < retries;
}

void CopyForRetry(Sql& sql, RowId trial, int number, RowId copy,
                  const std::vector<std::string>& attempt_attrs) {
  sql.Run(
      "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) SELECT :copy, "
      "param_name, param_value, distribution_json FROM trial_params WHERE trial_id = :trial",
      use(copy), use(trial));
  const auto of_attempt = [&](const std::string& key) {
    return key == "reason" || key == "message" ||
           std::find(attempt_attrs.begin(), attempt_attrs.end(), key) != attempt_attrs.end();
  };
  for (const auto& [key, value] : LoadAttributes(sql, AttributeTable::kTrialUser, trial)) {
    if (!of_attempt(key)) SetAttribute(sql, AttributeTable::kTrialUser, copy, key, value);
  }
  Attributes system = LoadAttributes(sql, AttributeTable::kTrialSystem, trial);
  nlohmann::json history = RetryHistory(system);
  history.push_back(number);
  system["retry_history"] = history;
  system.emplace("failed_trial", number);
  system.erase(kClaimKey);
  for (const auto& [key, value] : system) {
    SetAttribute(sql, AttributeTable::kTrialSystem, copy, key, value);
  }
}

}  // namespace yoake::studies
