#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "studies/study_config.h"

namespace yoake::studies {

// One level of every factor, with the training configuration they make. A study without factors has one
// combination without levels.
struct Combination {
  std::map<std::string, std::string> variant;  // Factor -> level.
  nlohmann::json config;                       // The base with data, tests and the patches laid over it.

  // "original / focal_ciou": the levels in the factors' order; "" without factors.
  std::string Label() const;
};

// Every combination of the levels, first factor slowest; factors and levels stand in alphabetical order.
// Patches are laid over in the factors' order (core/json_patch.h). Throws Error{kConfig} naming the patch
// that does not fit.
std::vector<Combination> MakeCombinations(const StudyConfig& config);

}  // namespace yoake::studies
