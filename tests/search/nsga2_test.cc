#include "search/samplers/nsga2.h"

#include <gmock/gmock.h>

#include "multi_problems.h"
#include "search/samplers/random.h"

namespace yoake::search {
namespace {

TEST(Nsga2SamplerTest, LeavesRandomSearchBehind) {
  const auto nsga2 = MakeNsga2Sampler(Nsga2Options{});
  const auto random = MakeRandomSampler();
  for (const MultiProblem& problem : MultiProblems()) {
    const double ours = Hypervolumes(problem, *nsga2, 1, {600})[0];
    EXPECT_GT(ours, 1.03 * Hypervolumes(problem, *random, 1, {600})[0]) << problem.name;
  }
}

History Generation(int n, int generation) {
  History history{{Direction::kMinimize, Direction::kMaximize}, {}};
  for (int i = 0; i < n; ++i) {
    TrialRecord trial;
    trial.number = i;
    trial.state = TrialState::kComplete;
    trial.params["x"] = {FloatDistribution{}, 0.5 + 0.001 * i};
    trial.values = {1.0 * i, 1.0 * i};
    trial.system_attrs["nsga2:generation"] = generation;
    history.trials.push_back(std::move(trial));
  }
  return history;
}

TEST(Nsga2SamplerTest, GenerationsFollowFromTheMarksOfTheHistory) {
  const SearchSpace space({{"x", FloatDistribution{}, {}}});
  const auto sampler = MakeNsga2Sampler(Nsga2Options{});
  const auto generation = [&](const History& history) {
    return sampler->Suggest(space, history, 99, RandomStream(3))
        .system_attrs.at("nsga2:generation")
        .get<int>();
  };
  EXPECT_EQ(generation({}), 0);
  History history = Generation(49, 0);
  EXPECT_EQ(generation(history), 0);
  history = Generation(50, 0);
  EXPECT_EQ(generation(history), 1);
  history.trials[7].state = TrialState::kFail;
  EXPECT_EQ(generation(history), 0);
  EXPECT_EQ(generation(Generation(80, 3)), 0);  // Without an earlier one it has no parents.
}

TEST(Nsga2SamplerTest, ChildrenStayNearTheirParents) {
  const SearchSpace space({{"x", FloatDistribution{}, {}}});
  const auto sampler = MakeNsga2Sampler(Nsga2Options{.mutation = 0});
  const History history = Generation(50, 0);  // x from .5 to .55.
  for (int number = 50; number < 150; ++number) {
    const double x = sampler->Suggest(space, history, number, RandomStream(3)).params.at("x").internal;
    EXPECT_NEAR(x, 0.525, 0.06);
  }
}

}  // namespace
}  // namespace yoake::search
