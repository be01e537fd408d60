#include "search/samplers/cmaes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "problems.h"
#include "search/samplers/cma_state.h"
#include "search/symmetric_eigen.h"

namespace yoake::search {
namespace {

TEST(SymmetricEigenTest, DecomposesAndComposes) {
  RandomStream draws(5);
  for (const std::size_t n : {1u, 2u, 7u, 30u}) {
    SquareMatrix matrix(n, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) matrix[i][j] = matrix[j][i] = draws.Normal() * std::pow(10, i % 4);
    }
    const Eigen eigen = DecomposeSymmetric(matrix);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double composed = 0, dot = 0;
        for (std::size_t k = 0; k < n; ++k) {
          composed += eigen.vectors[i][k] * eigen.values[k] * eigen.vectors[j][k];
          dot += eigen.vectors[k][i] * eigen.vectors[k][j];
        }
        EXPECT_NEAR(composed, matrix[i][j], 1e-10 * 1e3);
        EXPECT_NEAR(dot, i == j ? 1 : 0, 1e-12);
      }
    }
  }
}

// Least value after `generations` of the strategy alone.
double Minimise(CmaState state, double (*f)(const std::vector<double>&), int generations) {
  RandomStream draws(1);
  double best = HUGE_VAL;
  for (int g = 0; g < generations; ++g) {
    std::vector<std::vector<double>> candidates;
    for (int i = 0; i < state.population(); ++i) candidates.push_back(state.Sample(&draws));
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](const auto& a, const auto& b) { return f(a) < f(b); });
    best = std::min(best, f(candidates.front()));
    state.Update(candidates);
  }
  return best;
}

TEST(CmaStateTest, ConvergesLinearlyOnARotatedIllConditionedQuadratic) {
  const auto f = [](const std::vector<double>& x) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      double turned = 0;
      for (std::size_t j = 0; j < x.size(); ++j) {
        turned += (i == j ? 1 : 0.3 * std::cos(static_cast<double>(3 * i + j))) * (x[j] - 0.3);
      }
      sum += std::pow(1e4, static_cast<double>(i) / static_cast<double>(x.size() - 1)) * turned * turned;
    }
    return sum;
  };
  EXPECT_LT(Minimise(CmaState(std::vector<CmaDimension>(6), 0.2, {}), f, 300), 1e-10);
}

TEST(CmaStateTest, TheMarginKeepsEveryGriddedDimensionMoving) {
  // Three values; the continuous part pulls sigma to nothing long before.
  std::vector<CmaDimension> dimensions(4);
  dimensions[3].edges = {1.0 / 3, 2.0 / 3};
  CmaState state(dimensions, 0.2, {});
  RandomStream draws(2);
  const auto f = [](const std::vector<double>& x) {
    return std::pow(x[0] - 0.2, 2) + std::pow(x[1] - 0.7, 2) + std::pow(x[2] - 0.5, 2);
  };
  for (int g = 0; g < 120; ++g) {
    std::vector<std::vector<double>> candidates;
    for (int i = 0; i < state.population(); ++i) candidates.push_back(state.Sample(&draws));
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](const auto& a, const auto& b) { return f(a) < f(b); });
    state.Update(candidates);
  }
  std::map<int, int> cells;
  std::set<int> continuous;
  constexpr int n = 20000;
  for (int i = 0; i < n; ++i) {
    const std::vector<double> x = state.Sample(&draws);
    ++cells[x[3] <= 1.0 / 3 ? 0 : x[3] <= 2.0 / 3 ? 1 : 2];
    continuous.insert(static_cast<int>(x[0] * 1000));
  }
  EXPECT_LE(continuous.size(), 3u);  // Converged.
  int most = 0;
  for (const auto& [cell, count] : cells) most = std::max(most, count);
  const double alpha = 1.0 / (4 * state.population());
  EXPECT_GE(n - most, 0.8 * alpha * n);
}

TEST(CmaesSamplerTest, FindsTheOptimumOfAMixedProblem) {
  const Problem problem{
      "mixed",
      SearchSpace({{"x", FloatDistribution{-5, 5, false, {}}, {}},
                   {"y", FloatDistribution{1e-4, 1, true, {}}, {}},
                   {"n", IntDistribution{1, 20, false, 1}, {}},
                   {"s", FloatDistribution{0, 1, false, 0.1}, {}}}),
      [](const nlohmann::json& p) {
        const double x = p["x"], y = std::log10(p["y"].get<double>()), n = p["n"], s = p["s"];
        return std::pow(x - 2, 2) + std::pow(y + 3, 2) + std::pow(n - 7, 2) / 10 + 10 * std::pow(s - 0.8, 2);
      },
      0};
  std::vector<double> ends;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    ends.push_back(BestSoFar(problem, *MakeCmaesSampler(CmaesOptions{}), seed, 300).back());
  }
  EXPECT_LT(Quantile(ends, 0.5), 1e-3);
}

// A history of ended trials, in generations.
History Grown(const SearchSpace& space, const Sampler& sampler, int n) {
  History history;
  for (int number = 0; number < n; ++number) {
    const Suggestion suggestion = sampler.Suggest(space, history, number, RandomStream(3));
    TrialRecord trial;
    trial.number = number;
    trial.state = TrialState::kComplete;
    trial.params = suggestion.params;
    trial.system_attrs = suggestion.system_attrs;
    trial.values = {std::abs(trial.params.at("x").internal) + trial.params.at("y").internal};
    history.trials.push_back(std::move(trial));
  }
  return history;
}

TEST(CmaesSamplerTest, GenerationsFollowFromTheHistoryAloneAndFailuresAreReplaced) {
  const SearchSpace space({{"x", FloatDistribution{-1, 1, false, {}}, {}},
                           {"y", FloatDistribution{0, 1, false, {}}, {}},
                           {"c", CategoricalDistribution{{true, false}}, {}}});
  const auto sampler = MakeCmaesSampler(CmaesOptions{});  // lambda = 4 + floor(3 ln 2) = 6.
  History history = Grown(space, *sampler, 20);
  const auto generation = [&](const History& of) {
    return sampler->Suggest(space, of, 99, RandomStream(3)).system_attrs.at("cmaes:generation").get<int>();
  };
  EXPECT_EQ(generation(history), 3);
  EXPECT_EQ(history.trials[5].system_attrs.at("cmaes:generation"), 0);
  EXPECT_EQ(history.trials[6].system_attrs.at("cmaes:generation"), 1);
  const auto next = sampler->Suggest(space, history, 20, RandomStream(3));
  EXPECT_EQ(
      ExternalValues(next.params),
      ExternalValues(MakeCmaesSampler(CmaesOptions{})->Suggest(space, history, 20, RandomStream(3)).params));
  History failed = history;
  failed.trials[17].state = TrialState::kFail;
  failed.trials[17].values.clear();
  EXPECT_EQ(generation(failed), 2);  // It waits for a sixth of generation 2; later ones do not count.
  History edited = history;
  edited.trials[3].params["x"].internal = 0.123;  // Not what the strategy drew.
  EXPECT_EQ(generation(edited), 0);
}

}  // namespace
}  // namespace yoake::search
