#include "search/samplers/gp.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "problems.h"
#include "search/samplers/auto.h"
#include "search/samplers/tpe.h"

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

TEST(AutoSamplerTest, BeatsTpeOnAConditionalSpace) {
  std::vector<double> ours, tpe;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    ours.push_back(BestOf(RunTrials(Named("mixdet"), *MakeAutoSampler(), seed, 60), 60));
    tpe.push_back(BestOf(RunTrials(Named("mixdet"), *MakeTpeSampler(TpeOptions{}), seed, 60), 60));
  }
  EXPECT_LT(Quantile(ours, 0.5), Quantile(tpe, 0.5));
}

TEST(AutoSamplerTest, LongHistoriesAndSeveralObjectivesRepeatNoPointEither) {
  const SearchSpace space({{"a", IntDistribution{1, 400, false, 1}, {}}});
  const auto sampler = MakeAutoSampler();
  for (const std::size_t n_objectives : {1u, 2u}) {
    History history{std::vector(n_objectives, Direction::kMinimize), {}};
    std::set<double> seen;
    for (int i = 0; i < 310; ++i) {
      TrialRecord trial;
      trial.number = i;
      trial.params["a"] = {space.entries()[0].distribution, i + 1.0};
      trial.state = TrialState::kComplete;
      trial.values.assign(n_objectives, std::abs(i - 200.0));
      seen.insert(i + 1.0);
      history.trials.push_back(trial);
    }
    for (int number = 310; number < 316; ++number) {
      TrialRecord trial;
      trial.number = number;
      trial.params = sampler->Suggest(space, history, number, RandomStream(1)).params;
      EXPECT_TRUE(seen.insert(trial.params.at("a").internal).second);
      history.trials.push_back(trial);
    }
  }
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
