#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reports/study_results.h"

namespace yoake::reports {

// A study's results.json without trials, to be filled by a test.
inline nlohmann::json EmptyStudy() {
  return {{"schema", 1},
          {"name", "night"},
          {"metric", "mAP"},
          {"direction", "maximize"},
          {"complete", true},
          {"provenance", {{"yoake", "0.1.0"}, {"seed", 7}}},
          {"factors", nlohmann::json::object()},
          {"space", nlohmann::json::object()},
          {"trials", nlohmann::json::array()}};
}

inline nlohmann::json Trial(int number, const std::string& state, const nlohmann::json& value,
                            const nlohmann::json& variant = nlohmann::json::object()) {
  return {{"number", number},
          {"state", state},
          {"variant", variant},
          {"params", {{"optimizer.lr", 0.01 + 0.001 * number}}},
          {"value", value},
          {"reason", nullptr},
          {"message", nullptr},
          {"seconds", 12.5},
          {"epochs", 3},
          {"device", "cpu:0"},
          {"attempts", 1},
          {"config", {{"optimizer", {{"lr", 0.01 + 0.001 * number}, {"momentum", 0.9}}}}},
          {"folder", "trials/" + std::to_string(number)},
          {"warnings", nlohmann::json::array()},
          {"curve", nlohmann::json::array()},
          {"tests", nlohmann::json::object()}};
}

inline nlohmann::json Failed(int number, const std::string& reason, const std::string& message) {
  nlohmann::json trial = Trial(number, "FAIL", nullptr);
  trial["reason"] = reason;
  trial["message"] = message;
  return trial;
}

// A score with one category whose every number is `value` (null: undefined).
inline nlohmann::json Score(const nlohmann::json& value, int boxes = 100,
                            const std::string& category = "person") {
  nlohmann::json row = {{"category_id", 0}, {"category", category}, {"n_gt", boxes}, {"n_dt", boxes}};
  nlohmann::json stats = nlohmann::json::object();
  for (const char* name : {"mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l", "AR_1", "AR_10", "AR_100",
                           "AR_s", "AR_m", "AR_l"}) {
    row[name] = value;
  }
  for (const char* name :
       {"AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"}) {
    stats[name] = value;
  }
  return {{"stats", stats},
          {"per_category", nlohmann::json::array({row})},
          {"warnings", nlohmann::json::array()}};
}

inline StudyResults Parsed(const nlohmann::json& json) { return StudyResultsFromJson(json, "results.json"); }

// Two datasets x two losses, one finished trial each with the given scores on the test "night".
inline nlohmann::json FourCombinations(const std::vector<double>& scores) {
  nlohmann::json study = EmptyStudy();
  study["factors"] = {{"dataset", {"old", "new"}}, {"loss", {"bce", "focal"}}};
  int number = 0;
  for (const char* dataset : {"old", "new"}) {
    for (const char* loss : {"bce", "focal"}) {
      nlohmann::json trial =
          Trial(number, "COMPLETE", 0.3 + 0.01 * number, {{"dataset", dataset}, {"loss", loss}});
      trial["tests"]["night"] = Score(scores.at(static_cast<std::size_t>(number)));
      study["trials"].push_back(trial);
      ++number;
    }
  }
  return study;
}

}  // namespace yoake::reports
