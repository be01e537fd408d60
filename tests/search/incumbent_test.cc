#include "search/incumbent.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/rng.h"

namespace yoake::search {
namespace {

using testing::ElementsAre;

TrialRecord Trial(const History& history, double x, double value) {
  TrialRecord trial;
  trial.number = static_cast<int>(history.trials.size());
  trial.state = TrialState::kComplete;
  trial.params["x"] = {FloatDistribution{0, 100, false, {}}, x};
  trial.values = {value};
  return trial;
}

void Add(History* history, double x, double value) { history->trials.push_back(Trial(*history, x, value)); }

TEST(IncumbentTest, WithoutRepeatsTheBestValueWins) {
  History history;
  EXPECT_TRUE(RankCandidates(history).empty());
  for (const double value : {3.0, 1.0, 2.0}) Add(&history, value, value);
  Add(&history, 7, 0);
  history.trials.back().system_attrs["constraints:memory"] = 1;  // Infeasible.
  const auto ranked = RankCandidates(history);
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(ranked[0].trial->number, 1);
  EXPECT_EQ(ranked[0].estimate, 1);
  EXPECT_FALSE(ranked[0].standard_error);
  history.directions = {Direction::kMaximize};
  EXPECT_EQ(RankCandidates(history).front().trial->number, 0);
}

TEST(IncumbentTest, ALuckySingleValueDoesNotBeatAGoodMean) {
  for (const Direction direction : {Direction::kMinimize, Direction::kMaximize}) {
    const double sign = direction == Direction::kMinimize ? 1 : -1;
    History history{{direction}, {}};
    Add(&history, 1, sign * 0.90);  // Lucky, once.
    for (const double value : {1.0, 1.2, 0.8, 1.1, 0.9, 1.0}) Add(&history, 2, sign * (value - 0.05));
    for (const double x : {3.0, 4.0, 5.0, 6.0}) Add(&history, x, sign * (1.1 + 0.01 * x));
    const auto ranked = RankCandidates(history);
    EXPECT_EQ(ranked[0].trial->number, 1);
    EXPECT_THAT(ranked[0].runs, ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_NEAR(ranked[0].mean, sign * 0.95, 1e-12);
    EXPECT_LT(*ranked[0].standard_error, std::sqrt(0.02 / 6) + 1e-12);  // Variance .02 of the values.
    EXPECT_GT(*ranked[1].standard_error, *ranked[0].standard_error);
  }
}

TEST(IncumbentTest, EqualRepeatsLeaveNothingInDoubt) {
  History history;
  for (int i = 0; i < 4; ++i) {
    Add(&history, 1, 2);
    Add(&history, 2, 3);
  }
  EXPECT_EQ(RankCandidates(history).front().standard_error, 0);
  EXPECT_FALSE(NextToConfirm(history, {}));
}

TEST(IncumbentTest, VariantsAreNotRunsOfOneConfiguration) {
  History history;
  for (const char* level : {"day", "night"}) {
    Add(&history, 1, 2);
    history.trials.back().user_attrs["variant"] = {{"dataset", level}};
  }
  EXPECT_EQ(RankCandidates(history).size(), 2u);
}

TEST(RaceTest, RepeatsTheBestFirstAndCountsWhatIsUnderWay) {
  History history;
  for (const double value : {5.0, 1.0, 2.0, 3.0, 4.0}) Add(&history, value, value);
  RaceOptions options;
  options.contenders = 3;
  std::vector<double> order;
  for (int i = 0; i < 3; ++i) {
    const auto next = NextToConfirm(history, options);
    ASSERT_TRUE(next);
    order.push_back(next->trial->params.at("x").internal);
    Add(&history, order.back(), 0);
    history.trials.back().state = TrialState::kRunning;
    history.trials.back().values.clear();
  }
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  options.contenders = 0;
  EXPECT_THROW(NextToConfirm(history, options), Error);
}

TEST(RaceTest, ASingleContenderHasAllItsRunsAndFailedOnesCount) {
  History history;
  for (const double value : {5.0, 1.0, 2.0}) Add(&history, value, value);
  RaceOptions options;
  options.contenders = 1;
  options.max_runs = 6;
  for (int i = 0; i < 5; ++i) {
    const auto next = NextToConfirm(history, options);
    ASSERT_TRUE(next) << i;
    EXPECT_EQ(next->trial->number, 1);
    Add(&history, 1, 1 + 0.1 * i);
    if (i < 2) continue;
    history.trials.back().state = TrialState::kFail;
    history.trials.back().values.clear();
  }
  EXPECT_FALSE(NextToConfirm(history, options));
}

// Twenty configurations, each run once by the search with noise as large as what the best ones differ by.
// Then fifteen runs more.
struct Choices {
  double lucky = 0, even = 0, raced = 0;  // Share of seeds that choose the truly best.
  double runs = 0;                        // That the race took.
};

Choices ChooseWithNoise(double noise) {
  constexpr int kSeeds = 200, kBudget = 15;
  Choices choices;
  for (int seed = 0; seed < kSeeds; ++seed) {
    RandomStream stream(static_cast<std::uint64_t>(seed));
    const auto run = [&](History* history, double x) {
      Add(history, x, 0.25 * std::pow(x - 7, 2) / (1 + 0.1 * std::abs(x - 7)) + noise * stream.Normal());
    };
    const auto is_best = [](const Candidate& c) {
      return c.trial->params.at("x").internal == 7 ? 1.0 / kSeeds : 0;
    };
    History history;
    for (int x = 0; x < 20; ++x) run(&history, x);
    const auto first = RankCandidates(history);
    choices.lucky += is_best(first.front());
    History even = history, raced = history;
    for (int i = 0; i < kBudget; ++i)
      run(&even, first[static_cast<std::size_t>(i % 5)].trial->params.at("x").internal);
    choices.even += is_best(RankCandidates(even).front());
    for (int i = 0; i < kBudget; ++i) {
      const auto next = NextToConfirm(raced, {});
      if (!next) break;
      run(&raced, next->trial->params.at("x").internal);
      choices.runs += 1.0 / kSeeds;
    }
    choices.raced += is_best(RankCandidates(raced).front());
  }
  return choices;
}

TEST(RaceTest, FindsTheTrulyBestMoreOftenThanTheLuckiestValue) {
  for (const double noise : {0.15, 0.3}) {
    const Choices choices = ChooseWithNoise(noise);
    RecordProperty("lucky", std::to_string(choices.lucky));
    std::printf("noise %.2f: luckiest value %.3f, five repeated evenly %.3f, raced %.3f in %.1f runs\n",
                noise, choices.lucky, choices.even, choices.raced, choices.runs);
    EXPECT_GT(choices.raced, choices.lucky + 0.1);
    EXPECT_GE(choices.raced, choices.even - 0.02);
  }
  EXPECT_LT(ChooseWithNoise(0.02).runs, 6);  // Hardly any noise: soon decided.
}

}  // namespace
}  // namespace yoake::search
