#include "search/samplers/tpe_split.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <set>

#include "search/pareto.h"
#include "search/samplers/constants.h"
#include "search/samplers/lesson.h"

namespace yoake::search {
namespace {

using Trials = std::vector<const TrialRecord*>;

// A finished trial's place among the others, the best first: by group, then by key, then by age.
enum class Group { kComplete, kPruned, kInfeasible };
struct Place {
  Group group;
  double key, second_key;
  std::size_t trial;  // Of the history.
  friend auto operator<=>(const Place&, const Place&) = default;
};

Place PlaceOf(const History& history, std::size_t i) {
  const TrialRecord& trial = history.trials[i];
  const Direction direction = history.directions.front();
  if (const double violation = Violation(trial); violation > 0) return {Group::kInfeasible, violation, 0, i};
  if (trial.state == TrialState::kComplete)
    return {Group::kComplete, Minimised(trial.values[0], direction), 0, i};
  if (trial.intermediate.empty()) return {Group::kPruned, 1, 0, i};
  const auto [step, value] = *trial.intermediate.rbegin();
  return {Group::kPruned, -static_cast<double>(step), std::isnan(value) ? kInf : Minimised(value, direction),
          i};
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

// Indices of points: whole fronts while they fit into `n`, then the most voluminous part of the next, then
// the rest.
std::vector<std::size_t> ByFronts(const std::vector<Objectives>& points, std::size_t n) {
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
      Objectives reference(points.front().size(), -kInf);
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
  return order;
}

// Keys of the feasible complete trials become their order by all objectives.
void RankByFronts(const History& history, std::size_t n_below, std::vector<Place>* places) {
  std::vector<Place*> complete;
  Trials trials;
  for (Place& place : *places) {
    if (place.group != Group::kComplete) continue;
    complete.push_back(&place);
    trials.push_back(&history.trials[place.trial]);
  }
  const auto order = ByFronts(MinimisedValues(trials, history.directions), n_below);
  for (std::size_t rank = 0; rank < order.size(); ++rank)
    complete[order[rank]]->key = static_cast<double>(rank);
}

std::size_t CountBelow(std::size_t n_finished, bool several_objectives, const TpeOptions& options) {
  const auto share = static_cast<std::size_t>(std::ceil(options.gamma * static_cast<double>(n_finished)));
  return several_objectives ? share : std::min(share, static_cast<std::size_t>(options.max_below));
}

}  // namespace

TpeSplit SplitTrials(const History& history, int skip_number, const TpeOptions& options) {
  enum class Side : char { kNone, kBelow, kAbove };
  std::vector<Side> sides(history.trials.size(), Side::kNone);
  std::vector<Place> places;
  places.reserve(sides.size());
  std::size_t n_failed = 0;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const TrialRecord& trial = history.trials[i];
    if (trial.number == skip_number) continue;
    if (trial.state == TrialState::kRunning && options.constant_liar) sides[i] = Side::kAbove;
    if (options.learn_from_failures && FailedByItsParameters(trial)) {
      sides[i] = Side::kAbove;
      ++n_failed;
    }
    if (HasValues(trial, history.directions.size()) || trial.state == TrialState::kPruned) {
      sides[i] = Side::kAbove;
      places.push_back(PlaceOf(history, i));
    }
  }
  const bool several = history.directions.size() > 1;
  const std::size_t n_below = std::min(CountBelow(places.size(), several, options), places.size());
  if (several) RankByFronts(history, n_below, &places);
  const auto middle = places.begin() + static_cast<std::ptrdiff_t>(n_below);
  std::nth_element(places.begin(), middle, places.end());
  for (auto place = places.begin(); place != middle; ++place) sides[place->trial] = Side::kBelow;
  TpeSplit split;
  split.n_finished = static_cast<int>(places.empty() ? 0 : places.size() + n_failed);
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (sides[i] == Side::kNone) continue;
    (sides[i] == Side::kBelow ? split.below : split.above).push_back(&history.trials[i]);
  }
  return split;
}

}  // namespace yoake::search
