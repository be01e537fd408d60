#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace yoake::search {

// Text exactly as Python writes it, for what Optuna reads back or compares: repr(float) ("1e-05", "0.1",
// "1.0", "1e+16"; "NaN", "Infinity", "-Infinity" as json.dumps has them) and json.dumps(value) ("{"a": [1,
// null]}", everything beyond ASCII escaped; objects in key order).
std::string PythonFloat(double value);
std::string PythonJson(const nlohmann::json& value);

}  // namespace yoake::search
