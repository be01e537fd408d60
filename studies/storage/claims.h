#pragma once

#include <map>
#include <string>

#include "studies/storage/sql.h"
#include "studies/storage/trial_rows.h"

namespace yoake::studies {

// Which running trials one Storage object works on, and whether it still may: a worker that was thought dead
// comes back when its trial has been given to another one, and must not write into it any more. Every
// function runs inside a transaction of the caller, which holds the trial's row.
class ClaimBook {
 public:
  // `store` stands in messages.
  explicit ClaimBook(std::string store) : store_(std::move(store)) {}

  // Writes the claim and a first heartbeat; a claim of somebody else's ends. Hold() follows once that has
  // been committed.
  static void Write(Sql& sql, RowId trial, const std::string& claim);
  void Hold(RowId trial, const std::string& claim) { held_[trial] = {claim, false}; }

  // Throws LostClaim when the trial is somebody else's: its claim is not the one taken here, or none was
  // taken and it is running under one.
  void Check(Sql& sql, const TrialRow& row) const;

  // Renews the heartbeats of the running trials that are held; returns the numbers of those that have been
  // lost since the last time. `lock` is SqlDialect::lock or empty.
  // MarkLost() follows once that has been committed.
  std::map<RowId, int> Beat(Sql& sql, const std::string& lock) const;
  void MarkLost(RowId trial) { held_[trial].lost = true; }

  bool empty() const { return held_.empty(); }
  void Drop(RowId trial) { held_.erase(trial); }

 private:
  struct Held {
    std::string claim;
    bool lost = false;  // Beat has said so already. Still held, so that nothing is written by mistake.
  };

  std::string store_;
  std::map<RowId, Held> held_;
};

// The claim of a trial, empty when it has none.
std::string ClaimOf(Sql& sql, RowId trial);

}  // namespace yoake::studies
