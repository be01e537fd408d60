#include "studies/storage/claims.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "studies/storage/storage.h"
#include "studies/storage/study_rows.h"

namespace yoake::studies {

namespace {

using soci::into;
using soci::use;

// By the database's own clock, as Optuna does.
void WriteHeartbeat(Sql& sql, RowId trial) {
  sql.Run(
      "INSERT INTO trial_heartbeats (trial_id, heartbeat) VALUES (:trial, CURRENT_TIMESTAMP) ON CONFLICT "
      "(trial_id) DO UPDATE SET heartbeat = CURRENT_TIMESTAMP",
      use(trial));
}

}  // namespace

std::string ClaimOf(Sql& sql, RowId trial) {
  const std::string key = kClaimKey;
  std::string json;
  if (!sql.Run("SELECT value_json FROM trial_system_attributes WHERE trial_id = :trial AND \"key\" = :key",
               use(trial), use(key), into(json))) {
    return "";
  }
  const nlohmann::json claim = ParseAttribute(AttributeTable::kTrialSystem, trial, key, json);
  return claim.is_string() ? claim.get<std::string>() : json;
}

void ClaimBook::Write(Sql& sql, RowId trial, const std::string& claim) {
  SetAttribute(sql, AttributeTable::kTrialSystem, trial, kClaimKey, claim);
  WriteHeartbeat(sql, trial);
}

void ClaimBook::Check(Sql& sql, const TrialRow& row) const {
  const auto own = held_.find(row.id);
  if (row.ended()) {
    if (own == held_.end()) return;  // A late attribute; nobody works on it any more.
    throw LostClaim(fmt::format("trial {} was ended as {} by another process, which took this one for dead",
                                row.number, row.state),
                    store_);
  }
  const std::string claim = ClaimOf(sql, row.id);
  if (claim == (own == held_.end() ? "" : own->second.claim)) return;
  throw LostClaim(fmt::format("trial {} is run by {} by now: nothing is written into it", row.number,
                              claim.empty() ? "somebody else" : "'" + claim + "'"),
                  store_);
}

std::map<RowId, int> ClaimBook::Beat(Sql& sql, const std::string& lock) const {
  std::map<RowId, int> lost;
  for (const auto& [trial, held] : held_) {
    if (held.lost) continue;
    const TrialRow row = TrialReader::RowOf(sql, trial, lock);
    if (row.state == "RUNNING" && ClaimOf(sql, trial) == held.claim) {
      WriteHeartbeat(sql, trial);
    } else {
      lost[trial] = row.number;
    }
  }
  return lost;
}

}  // namespace yoake::studies
