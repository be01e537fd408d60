#include "search/samplers/tpe_split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "search/pareto.h"
#include "search/samplers/lesson.h"

namespace yoake::search {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
using Trials = std::vector<const TrialRecord*>;

// Smaller is better.
std::pair<double, double> PrunedKey(const TrialRecord& trial, Direction direction) {
  if (trial.intermediate.empty()) return {1, 0};
  const auto [step, value] = *trial.intermediate.rbegin();
  return {-static_cast<double>(step), std::isnan(value) ? kInf : Minimised(value, direction)};
}

template <typename Key>
void SortBy(Trials* trials, Key key) {
  std::stable_sort(trials->begin(), trials->end(),
                   [&](const TrialRecord* a, const TrialRecord* b) { return key(*a) < key(*b); });
}

std::vector<Objectives> MinimisedValues(const Trials& trials, const std::vector<Direction>& directions) {
  std::vector<Objectives> points;
  for (const TrialRecord* trial : trials) {
    Objectives& point = points.emplace_back();
    for (std::size_t i = 0; i < directions.size(); ++i)
      point.push_back(Minimised(trial->values[i], directions[i]));
  }
  // An infinite objective counts as the worst, or best, finite one there is.
  for (std::size_t i = 0; i < directions.size(); ++i) {
    double low = kInf, high = -kInf;
    for (const Objectives& point : points) {
      if (!std::isfinite(point[i])) continue;
      low = std::min(low, point[i]);
      high = std::max(high, point[i]);
    }
    if (low > high) low = high = 0;
    for (Objectives& point : points) point[i] = std::clamp(point[i], low, high);
  }
  return points;
}

// Whole fronts while they fit into `n`, then the most voluminous part of the next, then the rest.
void SortByFronts(Trials* trials, const std::vector<Direction>& directions, std::size_t n) {
  const std::vector<Objectives> points = MinimisedValues(*trials, directions);
  const std::vector<int> ranks = NonDominationRanks(points);
  std::vector<std::vector<std::size_t>> fronts;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    fronts.resize(std::max(fronts.size(), static_cast<std::size_t>(ranks[i]) + 1));
    fronts[static_cast<std::size_t>(ranks[i])].push_back(i);
  }
  std::vector<std::size_t> order;
  for (const std::vector<std::size_t>& front : fronts) {
    std::vector<std::size_t> chosen = front;
    if (order.size() < n && order.size() + front.size() > n) {
      std::vector<Objectives> front_points;
      for (const std::size_t i : front) front_points.push_back(points[i]);
      Objectives reference(directions.size(), -kInf);
      for (const Objectives& point : front_points) {
        for (std::size_t i = 0; i < reference.size(); ++i) {
          reference[i] = std::max({reference[i], 1.1 * point[i], 0.9 * point[i]});
        }
      }
      for (double& r : reference) r = r == 0 ? 1e-12 : r;
      chosen.clear();
      for (const std::size_t i : GreedyHypervolumeSubset(front_points, reference, n - order.size())) {
        chosen.push_back(front[i]);
      }
      const std::set<std::size_t> first(chosen.begin(), chosen.end());
      for (const std::size_t i : front) {
        if (!first.contains(i)) chosen.push_back(i);
      }
    }
    order.insert(order.end(), chosen.begin(), chosen.end());
  }
  Trials sorted;
  for (const std::size_t i : order) sorted.push_back((*trials)[i]);
  *trials = std::move(sorted);
}

std::size_t CountBelow(std::size_t n_finished, bool several_objectives, const TpeOptions& options) {
  const auto share = static_cast<std::size_t>(std::ceil(options.gamma * static_cast<double>(n_finished)));
  return several_objectives ? share : std::min(share, static_cast<std::size_t>(options.max_below));
}

void SortByNumber(Trials* trials) {
  SortBy(trials, [](const TrialRecord& trial) { return trial.number; });
}

}  // namespace

TpeSplit SplitTrials(const History& history, int skip_number, const TpeOptions& options) {
  Trials complete, pruned, infeasible, failed, running;
  for (const TrialRecord& trial : history.trials) {
    if (trial.number == skip_number) continue;
    if (trial.state == TrialState::kRunning) running.push_back(&trial);
    if (options.learn_from_failures && FailedByItsParameters(trial)) failed.push_back(&trial);
    const bool is_complete = trial.state == TrialState::kComplete;
    if (is_complete && !HasValues(trial, history.directions.size())) continue;
    if (!is_complete && trial.state != TrialState::kPruned) continue;
    (Violation(trial) > 0 ? infeasible : is_complete ? complete : pruned).push_back(&trial);
  }
  const std::size_t n = complete.size() + pruned.size() + infeasible.size();
  const bool several = history.directions.size() > 1;
  const std::size_t n_below = CountBelow(n, several, options);
  const Direction direction = history.directions.front();
  if (several) {
    SortByFronts(&complete, history.directions, n_below);
  } else {
    SortBy(&complete, [&](const TrialRecord& trial) { return Minimised(trial.values[0], direction); });
  }
  SortBy(&pruned, [&](const TrialRecord& trial) { return PrunedKey(trial, direction); });
  SortBy(&infeasible, Violation);
  Trials ranked = std::move(complete);
  ranked.insert(ranked.end(), pruned.begin(), pruned.end());
  ranked.insert(ranked.end(), infeasible.begin(), infeasible.end());
  const auto middle = ranked.begin() + static_cast<std::ptrdiff_t>(std::min(n_below, n));
  TpeSplit split;
  split.n_finished = static_cast<int>(n == 0 ? 0 : n + failed.size());
  split.below.assign(ranked.begin(), middle);
  split.above.assign(middle, ranked.end());
  split.above.insert(split.above.end(), failed.begin(), failed.end());
  if (options.constant_liar) split.above.insert(split.above.end(), running.begin(), running.end());
  SortByNumber(&split.below);
  SortByNumber(&split.above);
  return split;
}

}  // namespace yoake::search
