#include "search/pareto_front.h"

#include <algorithm>
#include <cmath>

#include "search/pareto.h"

namespace yoake::search {

std::vector<const TrialRecord*> ParetoFront(const History& history) {
  std::vector<const TrialRecord*> trials;
  std::vector<Objectives> points;
  for (const TrialRecord& trial : history.trials) {
    if (trial.state != TrialState::kComplete || trial.values.size() != history.directions.size()) continue;
    if (std::any_of(trial.values.begin(), trial.values.end(), [](double v) { return std::isnan(v); }))
      continue;
    Objectives& point = points.emplace_back();
    for (std::size_t k = 0; k < trial.values.size(); ++k) {
      point.push_back(history.directions[k] == Direction::kMaximize ? -trial.values[k] : trial.values[k]);
    }
    trials.push_back(&trial);
  }
  std::vector<const TrialRecord*> front;
  const std::vector<int> ranks = NonDominationRanks(points);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (ranks[i] == 0) front.push_back(trials[i]);
  }
  return front;
}

}  // namespace yoake::search
