#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "search/distribution.h"

namespace yoake::search {

enum class Direction { kMinimize, kMaximize };
std::string ToString(Direction direction);  // "minimize", "maximize".
Direction ParseDirection(const std::string& text);

// Optuna's states.
enum class TrialState { kRunning, kComplete, kPruned, kFail, kWaiting };
std::string ToString(TrialState state);  // "RUNNING", "COMPLETE", ...
TrialState ParseTrialState(const std::string& text);
bool IsFinished(TrialState state);  // Complete, pruned or failed.

// Everything the store knows of one trial; what samplers and pruners see.
struct TrialRecord {
  int number = 0;  // 0-based within its study.
  TrialState state = TrialState::kRunning;
  ParamSet params;
  std::vector<double> values;          // One an objective; empty until complete or pruned. May be +-inf.
  std::map<int, double> intermediate;  // Step (epoch) -> value; may be NaN or +-inf.
  std::map<std::string, nlohmann::json> user_attrs;
  std::map<std::string, nlohmann::json> system_attrs;
  std::optional<double> started_s;  // Seconds since the epoch, UTC.
  std::optional<double> finished_s;
};

}  // namespace yoake::search
