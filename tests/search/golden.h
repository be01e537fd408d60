#pragma once

#include <nlohmann/json.hpp>

#include "replay.h"
#include "search/trial_record.h"

namespace yoake::search {

// golden/optuna_decisions.json, written by golden/make_golden.py.
nlohmann::json ReadGolden();
TrialRecord GoldenTrial(const nlohmann::json& trial, int number);
std::vector<LearningCurve> GoldenCurves(const nlohmann::json& curves);

}  // namespace yoake::search
