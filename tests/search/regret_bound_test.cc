#include "search/terminators/regret_bound.h"

#include <gmock/gmock.h>

#include "core/json_reader.h"
#include "problems.h"

namespace yoake::search {
namespace {

using testing::HasSubstr;

RegretBoundOptions Below(double difference, const std::string& objective = "") {
  RegretBoundOptions options;
  options.difference = difference;
  options.objective = objective;
  return options;
}

struct Search {
  int trials = 0;  // When it was ended, or all there were.
  double regret = 0;
};

// A problem searched by gp with the terminator asked after every few trials.
Search Ended(const Problem& problem, std::uint64_t seed, int most, const RegretBoundOptions& options) {
  const nlohmann::json name = "gp";
  const auto sampler = MakeSampler(JsonReader(name, "test"));
  const auto terminator = MakeRegretBoundTerminator(options);
  const auto trials = RunTrials(problem, *sampler, seed, most);
  for (int n = 0; n < most; n += 4) {
    const History history{{Direction::kMinimize}, {trials.begin(), trials.begin() + n}};
    if (!terminator->Decide(problem.space, history, 0).stop) continue;
    return {n, BestOf(trials, static_cast<std::size_t>(n)) - problem.optimum};
  }
  return {most, BestOf(trials, trials.size()) - problem.optimum};
}

Problem Noisy() {
  for (Problem& problem : GuardProblems()) {
    if (problem.name == "noisy_sphere5") return problem;
  }
  return {};
}

TEST(RegretBoundTest, EndsASearchThatHasFoundTheOptimumAndNotBefore) {
  const Problem branin = FindProblem("branin2");
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const Search coarse = Ended(branin, seed, 80, Below(3)), fine = Ended(branin, seed, 80, Below(0.3));
    EXPECT_LT(coarse.trials, 80) << seed;
    EXPECT_LE(coarse.trials, fine.trials) << seed;
    EXPECT_LT(coarse.regret, 3) << seed;
    EXPECT_LT(fine.regret, 0.3) << seed;
  }
}

TEST(RegretBoundTest, ANoisySearchGoesOnPastTheLeastTrials) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    EXPECT_EQ(Ended(Noisy(), seed, 40, Below(0.5)).trials, 40) << seed;
    EXPECT_EQ(Ended(Noisy(), seed, 40, Below(1e9)).trials, 20) << "whatever the least is told";
  }
}

TEST(RegretBoundTest, DirectionsObjectivesAndOddHistories) {
  const Problem branin = FindProblem("branin2");
  const nlohmann::json name = "gp";
  History history{{Direction::kMinimize}, RunTrials(branin, *MakeSampler(JsonReader(name, "test")), 1, 60)};
  const auto decide = [&](const std::string& objective) {
    return MakeRegretBoundTerminator(Below(3, objective))->Decide(branin.space, history, 0);
  };
  const StopDecision minimised = decide("");
  EXPECT_THAT(minimised.reason,
              HasSubstr("after 60 trials no configuration is expected to be better by more than"));

  for (TrialRecord& trial : history.trials) trial.values[0] *= -1;
  EXPECT_FALSE(decide("").stop) << "its best is the worst that a search for the other end found";
  history.directions = {Direction::kMaximize};
  EXPECT_EQ(decide("").reason, minimised.reason);

  history.directions = {Direction::kMinimize, Direction::kMaximize};
  for (TrialRecord& trial : history.trials) trial.values = {double(trial.number), trial.values[0]};
  EXPECT_EQ(decide("1").reason, minimised.reason);

  history.directions = {Direction::kMinimize};
  for (TrialRecord& trial : history.trials) trial.values = {0.0};
  EXPECT_FALSE(decide("").stop) << "values that are all the same tell nothing";
  EXPECT_FALSE(MakeRegretBoundTerminator(Below(3))->Decide(SearchSpace(), history, 0).stop);
}

}  // namespace
}  // namespace yoake::search
