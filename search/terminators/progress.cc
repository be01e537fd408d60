#include "search/terminators/progress.h"

#include <cmath>

#include "search/pruners/objective.h"

namespace yoake::search {

std::vector<std::optional<double>> BestSoFar(const History& history, const std::string& objective) {
  const std::size_t index = ObjectiveIndex(history, objective);
  std::vector<std::optional<double>> best;
  std::optional<double> so_far;
  for (const TrialRecord& trial : history.trials) {
    const bool complete = trial.state == TrialState::kComplete;
    if (!complete && trial.state != TrialState::kPruned) continue;
    if (complete && trial.values.size() > index && !std::isnan(trial.values[index])) {
      const double value = trial.values[index];
      if (!so_far || IsWorse(*so_far, value, history.directions[index])) so_far = value;
    }
    best.push_back(so_far);
  }
  return best;
}

}  // namespace yoake::search
