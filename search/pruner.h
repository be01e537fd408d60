#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "search/history.h"

namespace yoake {
class JsonReader;
}

namespace yoake::search {

struct PruneDecision {
  bool prune = false;
  std::string reason;                                  // For people: "below the median .312 at epoch 5".
  std::map<std::string, nlohmann::json> system_attrs;  // For the store, e.g. ASHA's completed_rung_0.
};

// Decides after every report whether a running trial should stop. Pure and thread-safe.
class Pruner {
 public:
  virtual ~Pruner() = default;
  // `trial` is running, its last report is the largest step of trial.intermediate; `history` holds the others
  // (it may hold the trial itself: implementations skip its number).
  virtual PruneDecision Decide(const History& history, const TrialRecord& trial) const = 0;
};

// "none" | "median" | {"type":"asha","min_resource":1,...}; unknown names and keys are errors.
std::unique_ptr<Pruner> MakePruner(const JsonReader& reader);
std::vector<std::string> PrunerNames();

}  // namespace yoake::search
