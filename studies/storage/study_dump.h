#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "search/trial_record.h"

namespace yoake::studies {

// A whole study by itself, to be carried from one store into another.
struct StudyDump {
  std::string name;
  std::vector<search::Direction> directions;
  std::map<std::string, nlohmann::json> user_attrs;
  std::map<std::string, nlohmann::json> system_attrs;
  std::vector<search::TrialRecord> trials;  // Ascending by number, which is the place in this list.
};

}  // namespace yoake::studies
