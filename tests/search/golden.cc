#include "golden.h"

#include "core/json_reader.h"

namespace yoake::search {
namespace {

// Numbers; NaN and infinities as strings.
double Number(const nlohmann::json& json) {
  return json.is_string() ? std::stod(json.get<std::string>()) : json.get<double>();
}

}  // namespace

nlohmann::json ReadGolden() {
  return ParseJsonFile(std::string(YOAKE_SOURCE_DIR) + "/tests/search/golden/optuna_decisions.json");
}

TrialRecord GoldenTrial(const nlohmann::json& json, int number) {
  TrialRecord trial;
  trial.number = number;
  trial.state = ParseTrialState(json.at("state"));
  for (const auto& value : json.value("values", nlohmann::json::array()))
    trial.values.push_back(Number(value));
  for (const auto& report : json.value("intermediate", nlohmann::json::array())) {
    trial.intermediate[report.at(0)] = Number(report.at(1));
  }
  if (json.contains("system_attrs")) json.at("system_attrs").get_to(trial.system_attrs);
  return trial;
}

std::vector<LearningCurve> GoldenCurves(const nlohmann::json& json) {
  std::vector<LearningCurve> curves;
  for (const auto& values : json) {
    LearningCurve& curve = curves.emplace_back();
    for (const auto& value : values) {
      const int step = static_cast<int>(curve.size()) + 1;
      curve[step] = Number(value);
    }
  }
  return curves;
}

}  // namespace yoake::search
