#include "replay.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/rng.h"
#include "search/pruners/objective.h"

namespace yoake::search {
namespace {

ReplayedTrial Run(const Pruner& pruner, const LearningCurve& curve, History* history) {
  TrialRecord trial;
  trial.number = static_cast<int>(history->trials.size());
  ReplayedTrial replayed;
  for (const auto& [step, value] : curve) {
    trial.intermediate[step] = value;
    replayed.last_step = step;
    const PruneDecision decision = pruner.Decide(*history, trial);
    for (const auto& [key, attr] : decision.system_attrs) trial.system_attrs[key] = attr;
    if (decision.prune) {
      replayed.pruned = true;
      break;
    }
  }
  trial.state = replayed.pruned ? TrialState::kPruned : TrialState::kComplete;
  if (!trial.intermediate.empty()) trial.values = {trial.intermediate.rbegin()->second};
  if (trial.values.empty() || std::isnan(trial.values[0])) {
    if (!replayed.pruned) trial.state = TrialState::kFail;
    trial.values.clear();
  }
  history->trials.push_back(std::move(trial));
  return replayed;
}

}  // namespace

std::vector<LearningCurve> DetectorCurves() {
  std::vector<LearningCurve> curves;
  std::ifstream file(std::string(YOAKE_SOURCE_DIR) + "/tests/search/golden/detector_curves.csv");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    LearningCurve& curve = curves.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) {
      const int step = static_cast<int>(curve.size()) + 1;
      curve[step] = std::stod(cell);
    }
  }
  return curves;
}

PrunerWorth WorthOf(const Pruner& pruner, const std::vector<LearningCurve>& curves, Direction direction,
                    int orders) {
  PrunerWorth worth;
  for (int order = 0; order < orders; ++order) {
    std::vector<LearningCurve> shuffled = curves;
    RandomStream(static_cast<std::uint64_t>(order)).Shuffle(shuffled);
    const Replay replay = ReplayCurves(pruner, shuffled, direction, "replay");
    worth.saved +=
        (1 - static_cast<double>(replay.reports) / static_cast<double>(replay.all_reports)) / orders;
    worth.lost_best += replay.lost_best;
    worth.regret += std::abs(replay.best - replay.true_best) / orders;
  }
  return worth;
}

Replay ReplayCurves(const Pruner& pruner, const std::vector<LearningCurve>& curves, Direction direction,
                    const std::string& study_name) {
  History history{{direction}, {}, study_name, {}};
  const double worst = std::numeric_limits<double>::infinity() * (direction == Direction::kMinimize ? 1 : -1);
  Replay replay;
  replay.best = replay.true_best = worst;
  for (const LearningCurve& curve : curves) {
    replay.trials.push_back(Run(pruner, curve, &history));
    replay.all_reports += curve.size();
    replay.reports += history.trials.back().intermediate.size();
    if (curve.empty() || std::isnan(curve.rbegin()->second)) continue;
    const double last = curve.rbegin()->second;
    const bool pruned = replay.trials.back().pruned;
    if (!pruned && IsWorse(replay.best, last, direction)) replay.best = last;
    if (!IsWorse(replay.true_best, last, direction)) continue;
    replay.true_best = last;
    replay.lost_best = pruned;
  }
  return replay;
}

}  // namespace yoake::search
