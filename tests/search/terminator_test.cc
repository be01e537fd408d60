#include "search/terminator.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/json_reader.h"
#include "tests/support/message_of.h"

namespace yoake::search {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr double kPruned = NAN;

std::unique_ptr<Terminator> Make(const json& options) {
  return MakeTerminator(JsonReader(options, "study.json"));
}

// Complete trials of these values; kPruned for a pruned one.
History Values(const std::vector<double>& values, Direction direction = Direction::kMinimize) {
  History history{{direction}, {}};
  for (const double value : values) {
    TrialRecord trial;
    trial.number = static_cast<int>(history.trials.size());
    trial.state = std::isnan(value) ? TrialState::kPruned : TrialState::kComplete;
    if (!std::isnan(value)) trial.values = {value};
    trial.started_s = 1000.0 + 100 * trial.number;
    history.trials.push_back(std::move(trial));
  }
  return history;
}

bool Stops(const json& options, const History& history, double now_s = 0) {
  const StopDecision decision = Make(options)->Decide({}, history, now_s);
  EXPECT_EQ(decision.stop, !decision.reason.empty());
  return decision.stop;
}

TEST(StagnationTest, CountsCompleteAndPrunedTrialsSinceTheBest) {
  const json options = {{"type", "stagnation"}, {"n_trials", 3}};
  EXPECT_FALSE(Stops(options, Values({})));
  EXPECT_FALSE(Stops(options, Values({kPruned, kPruned, kPruned, kPruned})));
  EXPECT_FALSE(Stops(options, Values({3, 4, 5})));
  EXPECT_TRUE(Stops(options, Values({3, 4, 5, 3})));  // As good as before is no improvement.
  EXPECT_TRUE(Stops(options, Values({3, 4, kPruned, kPruned})));
  EXPECT_FALSE(Stops(options, Values({3, 4, 5, 2, 6, 7})));
  EXPECT_FALSE(Stops(options, Values({3, 4, 5, 6}, Direction::kMaximize)));
  EXPECT_TRUE(Stops(options, Values({6, 5, 4, 3}, Direction::kMaximize)));
  History failed = Values({3, 4, 5, 6});
  failed.trials[2].state = TrialState::kFail;  // A crash says nothing.
  EXPECT_FALSE(Stops(options, failed));
}

TEST(NoiseTest, StopsWhenTheLastTrialsGainedLessThanCanBeTold) {
  const json options = {{"type", "noise"}, {"difference", 0.01}, {"n_trials", 2}};
  EXPECT_FALSE(Stops(options, Values({0.5, 0.5})));
  EXPECT_TRUE(Stops(options, Values({0.5, 0.495, 0.6})));
  EXPECT_FALSE(Stops(options, Values({0.5, 0.48, 0.6})));
  EXPECT_TRUE(Stops(options, Values({0.5, 0.48, 0.6, kPruned})));
  EXPECT_FALSE(Stops(options, Values({kPruned, 0.5, 0.5})));  // Nothing to compare with before.
  EXPECT_FALSE(Stops(options, Values({-INFINITY, 0.5, 0.5}, Direction::kMaximize)));
  EXPECT_TRUE(Stops(options, Values({INFINITY, 0.5, 0.5}, Direction::kMaximize)));
}

TEST(WallClockTest, CountsFromTheFirstTrial) {
  const json options = {{"type", "wall_clock"}, {"hours", 0.5}};
  EXPECT_FALSE(Stops(options, Values({}), 1e9));
  EXPECT_FALSE(Stops(options, Values({1, 2}), 1000 + 1799));
  EXPECT_TRUE(Stops(options, Values({1, 2}), 1000 + 1800));
}

TEST(TerminatorTest, OfAListAnyStopsAndTheFirstThatDoesSaysWhy) {
  const json options = json::parse(
      R"(["none", {"type":"stagnation","n_trials":2}, {"type":"noise","difference":9,"n_trials":1}])");
  EXPECT_FALSE(Stops(options, Values({3})));
  EXPECT_THAT(Make(options)->Decide({}, Values({3, 2}), 0).reason, HasSubstr("less than the 9"));
  EXPECT_THAT(Make(options)->Decide({}, Values({3, 4, 5}), 0).reason, HasSubstr("no trial of the last 2"));
  EXPECT_FALSE(Stops("none", Values({3, 4, 5})));
  EXPECT_FALSE(Stops(json::array(), Values({3, 4, 5})));
}

TEST(TerminatorTableTest, NamesAndOptionsAreChecked) {
  EXPECT_EQ(TerminatorNames(),
            (std::vector<std::string>{"noise", "none", "regret_bound", "stagnation", "wall_clock"}));
  const std::pair<const char*, const char*> wrong[] = {
      {R"("stagnatoin")", "did you mean 'stagnation'?"},
      {R"({"type":"stagnation","n_trials":0})", "'n_trials' must be at least 1"},
      {R"({"type":"stagnation","n_trails":3})", "did you mean 'n_trials'?"},
      {R"("noise")", "'difference' is required"},
      {R"({"type":"noise","difference":0})", "'difference' must be above 0"},
      {R"("regret_bound")", "'difference' is required"},
      {R"({"type":"regret_bound","difference":0.1,"n_min_trials":1})", "'n_min_trials' must be at least 2"},
      {R"({"type":"wall_clock","hours":-1})", "'hours' must be above 0"},
      {R"([{"type":"wall_clock"}])", "'hours' is required"},
      {"3", "expected"},
  };
  for (const auto& [text, expected] : wrong) {
    EXPECT_THAT(MessageOf([&] { Make(json::parse(text)); }), HasSubstr(expected)) << text;
  }
}

TEST(TerminatorTest, OfSeveralObjectivesTheNamedOneCounts) {
  History history = Values({3, 4, 5, 6});
  history.directions = {Direction::kMinimize, Direction::kMaximize};
  for (TrialRecord& trial : history.trials) trial.values.push_back(trial.number);
  json options = {{"type", "stagnation"}, {"n_trials", 3}, {"objective", 1}};
  EXPECT_FALSE(Stops(options, history));
  options["objective"] = 0;
  EXPECT_TRUE(Stops(options, history));
}

}  // namespace
}  // namespace yoake::search
