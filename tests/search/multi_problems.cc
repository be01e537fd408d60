#include "multi_problems.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace yoake::search {
namespace {

using Point = std::vector<double>;
constexpr double kPi = std::numbers::pi;

double Distance(const Point& x) {
  return 1 + 9 * std::accumulate(x.begin() + 1, x.end(), 0.0) / static_cast<double>(x.size() - 1);
}

Point Zdt1(const Point& x) {
  const double g = Distance(x);
  return {x[0], g * (1 - std::sqrt(x[0] / g))};
}

Point Zdt2(const Point& x) {
  const double g = Distance(x);
  return {x[0], g * (1 - x[0] / g * (x[0] / g))};
}

Point Zdt3(const Point& x) {
  const double g = Distance(x);
  return {x[0], g * (1 - std::sqrt(x[0] / g) - x[0] / g * std::sin(10 * kPi * x[0]))};
}

Point Dtlz2(const Point& x) {
  double g = 1;
  for (std::size_t i = 2; i < x.size(); ++i) g += (x[i] - 0.5) * (x[i] - 0.5);
  const double a = x[0] * kPi / 2, b = x[1] * kPi / 2;
  return {g * std::cos(a) * std::cos(b), g * std::cos(a) * std::sin(b), g * std::sin(a)};
}

// Only points of the front matter to the volume, and fewer are faster.
double FrontVolume(const std::vector<Objectives>& points, const Objectives& reference) {
  const std::vector<int> ranks = NonDominationRanks(points);
  std::vector<Objectives> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool inside = ranks[i] == 0;
    for (std::size_t k = 0; k < reference.size(); ++k) inside &= points[i][k] < reference[k];
    if (inside) front.push_back(points[i]);
  }
  return Hypervolume(front, reference);
}

}  // namespace

std::vector<MultiProblem> MultiProblems() {
  return {{"zdt1", 30, Zdt1, {1.1, 8}},
          {"zdt2", 30, Zdt2, {1.1, 8}},
          {"zdt3", 30, Zdt3, {1.1, 8}},
          {"dtlz2", 12, Dtlz2, {2.5, 2.5, 2.5}}};
}

std::vector<double> Hypervolumes(const MultiProblem& problem, const Sampler& sampler, std::uint64_t seed,
                                 const std::vector<int>& at) {
  std::vector<SpaceEntry> entries;
  for (int i = 0; i < problem.dimensions; ++i) {
    entries.push_back({fmt::format("x{:02}", i), FloatDistribution{}, {}});
  }
  const SearchSpace space(std::move(entries));
  History history{std::vector(problem.reference.size(), Direction::kMinimize), {}};
  std::vector<Objectives> points;
  std::vector<double> volumes;
  for (const int n : at) {
    for (int number = static_cast<int>(points.size()); number < n; ++number) {
      const Suggestion suggestion = sampler.Suggest(space, history, number, RandomStream(seed));
      TrialRecord trial;
      trial.number = number;
      trial.state = TrialState::kComplete;
      trial.params = suggestion.params;
      trial.system_attrs = suggestion.system_attrs;
      Point x;
      for (const auto& [name, param] : trial.params) x.push_back(param.internal);
      trial.values = problem.evaluate(x);
      points.push_back(trial.values);
      history.trials.push_back(std::move(trial));
    }
    volumes.push_back(FrontVolume(points, problem.reference));
  }
  return volumes;
}

}  // namespace yoake::search
