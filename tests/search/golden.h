#pragma once

#include <nlohmann/json.hpp>

#include "search/trial_record.h"

namespace yoake::search {

// golden/optuna_decisions.json, written by golden/make_golden.py.
nlohmann::json ReadGolden();
TrialRecord GoldenTrial(const nlohmann::json& trial, int number);

}  // namespace yoake::search
