#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "search/history.h"
#include "studies/planner.h"
#include "studies/prepare.h"
#include "studies/study_config.h"
#include "studies/study_folder.h"

namespace yoake::studies {

// Where a study's numbers come from, beside the study itself.
struct Session {
  std::string yoake;                // Version.
  std::string command;              // As typed.
  std::string started;              // ISO 8601, UTC; of the first session.
  double earlier_wall_seconds = 0;  // Of the sessions before this one.
  std::vector<std::string> slots;
};

// OUT/results.json, the source of every report: a function of the store, the trials' folders and the session.
// Entries of finished trials are read once and kept.
class ResultsWriter {
 public:
  // Borrows everything.
  ResultsWriter(const StudyConfig& study, const PreparedStudy& prepared, const StudyFolder& folder,
                const Session& session);

  // Writes the file in one step. Without `final` it may be skipped when the last one was written a moment ago
  // and took long, so that large studies do not spend their time writing.
  void Write(const search::History& history, const Terminated& terminated, bool complete, double wall_seconds,
             bool final);

 private:
  const nlohmann::json& Entry(const search::TrialRecord& trial);
  nlohmann::json Provenance(const search::History& history, bool complete, double wall_seconds) const;

  const StudyConfig& study_;
  const PreparedStudy& prepared_;
  const StudyFolder& folder_;
  const Session& session_;
  std::map<int, nlohmann::json> entries_;
  std::string trainer_;
  double next_write_s_ = 0;  // On the session's clock.
};

// [{"variant": {..}, "reason": ".."}] of an earlier results.json; empty when there is none.
nlohmann::json ReadTerminated(const StudyFolder& folder);

// {"dataset": ["day", "night"], ..}.
nlohmann::json Factors(const StudyConfig& study);

// Now, as "2026-11-20T19:00:00Z".
std::string UtcNow();

// wall_seconds and started of an earlier results.json, zeros and "" when there is none.
std::pair<double, std::string> EarlierSession(const StudyFolder& folder);

}  // namespace yoake::studies
