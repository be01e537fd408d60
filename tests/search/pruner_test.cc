#include "search/pruner.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/error.h"
#include "core/json_reader.h"
#include "golden.h"

namespace yoake::search {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

std::unique_ptr<Pruner> Make(const json& options) { return MakePruner(JsonReader(options, "study.json")); }

TrialRecord Trial(int number, TrialState state, std::map<int, double> reports) {
  TrialRecord trial;
  trial.number = number;
  trial.state = state;
  trial.intermediate = std::move(reports);
  return trial;
}

TEST(PrunerTest, DecidesAsOptunaInRandomSituations) {
  const json golden = ReadGolden();
  for (const json& one : golden.at("pruners")) {
    History history{{ParseDirection(one.at("direction"))}, {}};
    for (const json& other : one.at("others")) {
      history.trials.push_back(GoldenTrial(other, static_cast<int>(history.trials.size())));
    }
    const TrialRecord trial = GoldenTrial(one.at("trial"), static_cast<int>(history.trials.size()));
    const PruneDecision decision = Make(one.at("pruner"))->Decide(history, trial);
    EXPECT_EQ(decision.prune, one.at("prune").get<bool>()) << one.dump() << decision.reason;
    EXPECT_EQ(json(decision.system_attrs), one.at("new_attrs")) << one.dump();
    EXPECT_EQ(decision.prune, !decision.reason.empty());
    // The trial may stand in the history as well: it never competes with itself.
    history.trials.push_back(trial);
    EXPECT_EQ(Make(one.at("pruner"))->Decide(history, trial).prune, decision.prune) << one.dump();
  }
}

TEST(PrunerTest, NoneNeverPrunes) {
  EXPECT_FALSE(Make("none")->Decide({}, Trial(0, TrialState::kRunning, {{1, kNan}})).prune);
}

TEST(MedianPrunerTest, DecisionTable) {
  History history;
  for (int i = 0; i < 4; ++i)
    history.trials.push_back(Trial(i, TrialState::kComplete, {{1, i + 1.0}, {2, i + 0.5}}));
  const auto pruner = Make(json::parse(R"({"type":"median","n_startup_trials":4})"));
  struct Case {
    std::map<int, double> reports;
    Direction direction;
    bool prune;
  };
  const Case cases[] = {
      {{}, Direction::kMinimize, false},
      {{{1, 2.5}}, Direction::kMinimize, false},  // Equal to the median.
      {{{1, 2.6}}, Direction::kMinimize, true},
      {{{1, 2.6}}, Direction::kMaximize, false},
      {{{1, 2.4}}, Direction::kMaximize, true},
      {{{1, 1.0}, {2, 9}}, Direction::kMinimize, false},  // Its best counts, not its last.
      {{{1, kNan}}, Direction::kMinimize, true},
      {{{1, kNan}, {2, 1}}, Direction::kMinimize, false},
      {{{1, kInf}}, Direction::kMinimize, true},
      {{{3, 99}}, Direction::kMinimize, false},  // Nobody was there.
  };
  for (const Case& one : cases) {
    history.directions = {one.direction};
    EXPECT_EQ(pruner->Decide(history, Trial(9, TrialState::kRunning, one.reports)).prune, one.prune)
        << json(one.reports).dump() << ToString(one.direction);
  }
  history.directions = {Direction::kMaximize};
  EXPECT_EQ(pruner->Decide(history, Trial(9, TrialState::kRunning, {{1, 2.4}})).reason,
            "best 2.4 is below the median 2.5 at step 1");
}

TEST(MedianPrunerTest, InfiniteValuesOfOthersDoNotMakeTheMedianUndefined) {
  History history;
  int number = 0;
  for (const double value : {1.0, kInf, kInf, -kInf}) {
    history.trials.push_back(Trial(number++, TrialState::kComplete, {{1, value}}));
  }
  const auto pruner = Make(json::parse(R"({"type":"median","n_startup_trials":0})"));
  EXPECT_FALSE(pruner->Decide(history, Trial(9, TrialState::kRunning, {{1, 5}})).prune);
}

TEST(AshaPrunerTest, AnInfiniteValueIsJudgedButNotRecorded) {
  const auto pruner = Make(json::parse(R"({"type":"asha","min_resource":1,"reduction_factor":2})"));
  History history;
  history.trials.push_back(Trial(0, TrialState::kComplete, {{1, 1.0}}));
  history.trials[0].system_attrs["completed_rung_0"] = 1.0;
  const PruneDecision decision = pruner->Decide(history, Trial(1, TrialState::kRunning, {{1, kInf}}));
  EXPECT_TRUE(decision.prune);
  EXPECT_TRUE(decision.system_attrs.empty());
  EXPECT_EQ(decision.reason, "inf at step 1 is not among the best 1 of 2 at rung 0");
}

TEST(PrunerTest, SeveralObjectivesAreAnErrorThatSaysWhatToDo) {
  const History history{{Direction::kMinimize, Direction::kMaximize}, {}};
  for (const char* name : {"median", "asha"}) {
    try {
      Make(name)->Decide(history, Trial(0, TrialState::kRunning, {{1, 1.0}}));
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("use the pruner \"none\""));
    }
  }
}

TEST(PrunerTableTest, NamesAndOptionsAreChecked) {
  EXPECT_EQ(PrunerNames(), (std::vector<std::string>{"asha", "median", "none", "percentile"}));
  for (const std::string& name : PrunerNames()) {
    EXPECT_NE(Make(name == "percentile" ? json{{"type", name}, {"percentile", 25}} : json(name)), nullptr);
  }
  const std::pair<const char*, const char*> wrong[] = {
      {R"("medain")", "did you mean 'median'?"},
      {R"({"type":"none","n":1})", "unknown key 'n'"},
      {R"({"type":"median","percentile":20})", "unknown key 'percentile'"},
      {R"({"type":"median","n_warmup_step":1})", "did you mean 'n_warmup_steps'?"},
      {R"({"type":"median","interval_steps":0})", "'interval_steps' must be at least 1"},
      {R"({"type":"percentile"})", "'percentile' is required"},
      {R"({"type":"percentile","percentile":101})", "between 0 and 100"},
      {R"({"type":"asha","min_resource":"aut"})", "a number of steps or \"auto\""},
      {R"({"type":"asha","min_resource":0})", "'min_resource' must be at least 1"},
      {R"({"type":"asha","reduction_factor":1})", "'reduction_factor' must be at least 2"},
      {R"({"type":"asha","bootstrap_count":2})", "needs a number as 'min_resource'"},
  };
  for (const auto& [text, expected] : wrong) {
    try {
      Make(json::parse(text));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(expected)) << text;
    }
  }
}

}  // namespace
}  // namespace yoake::search
