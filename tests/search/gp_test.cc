#include "search/samplers/gp.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "problems.h"

namespace yoake::search {
namespace {

Problem Named(const std::string& name) {
  for (Problem& problem : GuardProblems()) {
    if (problem.name == name) return problem;
  }
  return FindProblem(name);
}

std::vector<double> BestAfter(const char* name, int n) {
  std::vector<double> best;
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    best.push_back(BestOf(RunTrials(Named(name), *MakeGpSampler(GpOptions{}), seed, n), 100));
  return best;
}

// What the best known peer needs 50 and 100 trials for.
TEST(GpSamplerTest, FindsSmoothMinimaAndConditionalOnesInFewTrials) {
  EXPECT_LT(Quantile(BestAfter("branin2", 40), 0.5), 0.4);
  EXPECT_LT(Quantile(BestAfter("mixdet", 50), 0.5), 0.35);
}

TEST(GpSamplerTest, LeavesARegionThatFails) {
  int late = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (const TrialRecord& trial : RunTrials(Named("oom5"), *MakeGpSampler(GpOptions{}), seed, 60)) {
      if (trial.number >= 30 && trial.state == TrialState::kFail) ++late;
    }
  }
  EXPECT_LT(late, 4 * 30 * 0.25);
}

TEST(GpSamplerTest, NoPointTwiceWhileOneIsLeftAlsoAmongRunningTrials) {
  const SearchSpace space({{"a", IntDistribution{1, 4, false, 1}, {}},
                           {"b", CategoricalDistribution{{false, true}}, {}},
                           {"c", IntDistribution{1, 3, false, 1}, {{"b", {true}}}}});
  const Problem problem{"grid", space,
                        [](const nlohmann::json& p) { return std::abs(p.at("a").get<double>() - 2); }, 0};
  std::set<std::string> seen;
  for (const TrialRecord& trial : RunTrials(problem, *MakeGpSampler({.n_startup_trials = 3}), 1, 16, 4))
    seen.insert(ExternalValues(trial.params).dump());
  EXPECT_EQ(seen.size(), 16u);
  // Past the last point it goes on.
  EXPECT_EQ(RunTrials(problem, *MakeGpSampler({.n_startup_trials = 3}), 1, 20, 4).size(), 20u);
}

}  // namespace
}  // namespace yoake::search
