#include "search/samplers/lesson.h"

#include <algorithm>
#include <cmath>

#include "core/trial_event.h"
#include "search/samplers/constants.h"

namespace yoake::search {
namespace {

double NumberOf(const nlohmann::json& constraint) {
  if (!constraint.is_number()) return kInf;
  const double value = constraint.get<double>();
  return std::isnan(value) ? kInf : value;
}

std::optional<FailureReason> ReasonOf(const TrialRecord& trial) {
  const auto reason = trial.user_attrs.find("reason");
  if (reason == trial.user_attrs.end() || !reason->second.is_string()) return std::nullopt;
  return ParseFailureReason(reason->second.get<std::string>());
}

}  // namespace

double Minimised(double value, Direction direction) {
  return direction == Direction::kMaximize ? -value : value;
}

bool HasValues(const TrialRecord& trial, std::size_t n) {
  return trial.state == TrialState::kComplete && trial.values.size() == n &&
         std::none_of(trial.values.begin(), trial.values.end(), [](double v) { return std::isnan(v); });
}

std::map<std::string, double> Constraints(const TrialRecord& trial) {
  static const std::string kOld = "constraints";  // Every name of interest begins so.
  std::map<std::string, double> constraints;
  for (auto it = trial.system_attrs.lower_bound(kOld); it != trial.system_attrs.end(); ++it) {
    if (!it->first.starts_with(kOld)) break;
    if (it->first == kOld && it->second.is_array()) {
      for (std::size_t i = 0; i < it->second.size(); ++i)
        constraints["constraints." + std::to_string(i)] = NumberOf(it->second[i]);
    } else if (it->first.starts_with("constraints:")) {
      constraints[it->first] = NumberOf(it->second);
    }
  }
  return constraints;
}

double Violation(const TrialRecord& trial) {
  double sum = 0;
  for (const auto& [name, value] : Constraints(trial)) sum += std::max(0.0, value);
  return sum;
}

bool FailedByItsParameters(const TrialRecord& trial) {
  return trial.state == TrialState::kFail && !trial.params.empty() &&
         ReasonOf(trial) != FailureReason::kInterrupted;
}

std::string FailureKind(const TrialRecord& trial) {
  const auto reason = ReasonOf(trial);
  return reason ? ToString(*reason) : "failed";
}

}  // namespace yoake::search
