#include "search/samplers/evidence.h"

#include <gmock/gmock.h>

#include <limits>

namespace yoake::search {
namespace {

using testing::ElementsAre;

const SearchSpace kSpace({{"x", FloatDistribution{0, 1, false, {}}, {}}});

TrialRecord Trial(int number, TrialState state, double x, std::vector<double> values) {
  TrialRecord trial;
  trial.number = number;
  trial.state = state;
  trial.params["x"] = {kSpace.entries()[0].distribution, x};
  trial.values = std::move(values);
  return trial;
}

TrialRecord Failed(int number, double x, const char* reason) {
  TrialRecord trial = Trial(number, TrialState::kFail, x, {});
  if (reason != nullptr) trial.user_attrs["reason"] = reason;
  return trial;
}

TEST(EvidenceTest, ValuesAreMinimisedAndFinite) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const History history{
      {Direction::kMaximize},
      {Trial(0, TrialState::kComplete, 0.1, {3}), Trial(1, TrialState::kComplete, 0.2, {inf}),
       Trial(2, TrialState::kComplete, 0.3, {-inf}), Trial(3, TrialState::kComplete, 0.4, {5}),
       Trial(4, TrialState::kComplete, 0.5, {4})}};
  const UnitSpace space(kSpace);
  EXPECT_THAT(Gather(space, history, 4).values[0], ElementsAre(-3, -5, -3, -5));
}

TEST(EvidenceTest, APrunedTrialIsNeverBetterThanTheMedian) {
  History history{{Direction::kMinimize},
                  {Trial(0, TrialState::kComplete, 0.1, {1}), Trial(1, TrialState::kComplete, 0.2, {2}),
                   Trial(2, TrialState::kComplete, 0.3, {3}), Trial(3, TrialState::kPruned, 0.4, {0.5}),
                   Trial(4, TrialState::kPruned, 0.5, {}), Trial(5, TrialState::kPruned, 0.6, {})}};
  history.trials[4].intermediate = {{1, 9}, {2, 7}};
  const UnitSpace space(kSpace);
  const Evidence evidence = Gather(space, history, -1);
  EXPECT_THAT(evidence.values[0], ElementsAre(1, 2, 3, 2, 7));
  EXPECT_TRUE(evidence.tried.Contains({0.6}));
}

TEST(EvidenceTest, EachKindOfFailureIsAConstraint) {
  const History history{{Direction::kMinimize},
                        {Trial(0, TrialState::kComplete, 0.1, {1}), Failed(1, 0.2, "out_of_memory"),
                         Failed(2, 0.3, "interrupted"), Failed(3, 0.4, "diverged"), Failed(4, 0.5, nullptr),
                         Failed(5, 0.6, "some text of a user"), Trial(6, TrialState::kRunning, 0.7, {})}};
  const UnitSpace space(kSpace);
  const Evidence evidence = Gather(space, history, -1);
  ASSERT_EQ(evidence.constraints.size(), 3u);
  EXPECT_THAT(evidence.constraints.at("failure:out_of_memory").values, ElementsAre(1, -1));
  EXPECT_THAT(evidence.constraints.at("failure:diverged").points,
              ElementsAre(ElementsAre(0.4), ElementsAre(0.1)));
  EXPECT_THAT(evidence.constraints.at("failure:failed").values, ElementsAre(1, 1, -1));
  EXPECT_EQ(evidence.n_finished, 5);
  EXPECT_THAT(evidence.running, ElementsAre(ElementsAre(0.7)));
}

TEST(EvidenceTest, ConstraintsAndWhichTrialsMeetThem) {
  History history{{Direction::kMinimize},
                  {Trial(0, TrialState::kComplete, 0.1, {1}), Trial(1, TrialState::kComplete, 0.2, {2})}};
  history.trials[0].system_attrs["constraints:memory"] = 0.5;
  history.trials[1].system_attrs["constraints:memory"] = -0.5;
  const UnitSpace space(kSpace);
  const Evidence evidence = Gather(space, history, -1);
  EXPECT_THAT(evidence.constraints.at("constraints:memory").values, ElementsAre(0.5, -0.5));
  EXPECT_THAT(evidence.feasible, ElementsAre(false, true));
}

}  // namespace
}  // namespace yoake::search
