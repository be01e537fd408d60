#include "search/samplers/evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "search/samplers/lesson.h"

namespace yoake::search {
namespace {

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Infinities become the worst or best finite value there is.
void MakeFinite(std::vector<double>* values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double v : *values) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (low > high) low = high = 0;
  for (double& v : *values) v = std::clamp(v, low, high);
}

std::optional<double> LastValue(const TrialRecord& trial) {
  if (!trial.values.empty() && !std::isnan(trial.values[0])) return trial.values[0];
  if (trial.intermediate.empty() || std::isnan(trial.intermediate.rbegin()->second)) return std::nullopt;
  return trial.intermediate.rbegin()->second;
}

}  // namespace

Evidence Gather(const UnitSpace& space, const History& history, int skip_number) {
  Evidence evidence{.points = {},
                    .values = std::vector<std::vector<double>>(history.directions.size()),
                    .running = {},
                    .constraints = {},
                    .feasible = {},
                    .tried = TriedPoints(space)};
  std::vector<double> complete_first;
  std::vector<std::size_t> pruned;  // Rows of points.
  std::vector<UnitPoint> ended;     // Complete and pruned.
  std::map<std::string, std::vector<UnitPoint>> failed;
  for (const TrialRecord& trial : history.trials) {
    if (trial.number == skip_number || trial.state == TrialState::kWaiting) continue;
    const std::optional<UnitPoint> point = space.ToUnit(trial.params);
    if (!point) continue;
    evidence.tried.Insert(*point);
    if (trial.state == TrialState::kRunning) evidence.running.push_back(*point);
    if (FailedByItsParameters(trial)) failed[FailureKind(trial)].push_back(*point);
    const bool complete = HasValues(trial, history.directions.size());
    const auto last = trial.state == TrialState::kPruned && history.directions.size() == 1 ? LastValue(trial)
                                                                                           : std::nullopt;
    if (!complete && !last) continue;
    ended.push_back(*point);
    evidence.points.push_back(*point);
    evidence.feasible.push_back(true);
    for (std::size_t k = 0; k < history.directions.size(); ++k)
      evidence.values[k].push_back(Minimised(last ? *last : trial.values[k], history.directions[k]));
    if (complete) {
      complete_first.push_back(evidence.values[0].back());
    } else {
      pruned.push_back(evidence.points.size() - 1);
    }
    for (const auto& [name, value] : Constraints(trial)) {
      Evidence::Column& column = evidence.constraints[name];
      column.points.push_back(*point);
      column.values.push_back(value);
      if (value > 0) evidence.feasible.back() = false;
    }
  }
  if (!complete_first.empty()) {
    const double median = Median(complete_first);
    for (const std::size_t row : pruned) evidence.values[0][row] = std::max(evidence.values[0][row], median);
  }
  for (std::vector<double>& values : evidence.values) MakeFinite(&values);
  for (auto& [name, column] : evidence.constraints) MakeFinite(&column.values);
  evidence.n_finished = static_cast<int>(ended.size());
  for (const auto& [kind, points] : failed) {
    Evidence::Column& column = evidence.constraints["failure:" + kind];
    column.points = points;
    column.values.assign(points.size(), 1);
    column.points.insert(column.points.end(), ended.begin(), ended.end());
    column.values.resize(column.points.size(), -1);
    evidence.n_finished += static_cast<int>(points.size());
  }
  return evidence;
}

Suggestion Untried(const UnitSpace& space, const TriedPoints& tried, Suggestion suggestion,
                   RandomStream stream) {
  const auto point = space.ToUnit(suggestion.params);
  if (!point || !tried.Contains(*point)) return suggestion;
  if (const auto untried = tried.FindUntried(&stream)) suggestion = {space.FromUnit(*untried), {}};
  return suggestion;
}

Suggestion Untried(const SearchSpace& search_space, const History& history, int skip_number,
                   Suggestion suggestion, const RandomStream& stream) {
  const UnitSpace space(search_space);
  TriedPoints tried(space);
  for (const TrialRecord& trial : history.trials) {
    if (trial.number == skip_number || trial.state == TrialState::kWaiting) continue;
    if (const auto point = space.ToUnit(trial.params)) tried.Insert(*point);
  }
  const auto number = static_cast<std::uint64_t>(skip_number);
  return Untried(space, tried, std::move(suggestion), stream.Split("untried").Split(number));
}

}  // namespace yoake::search
