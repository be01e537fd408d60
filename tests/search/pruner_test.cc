#include "search/pruner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "core/error.h"
#include "core/json_reader.h"
#include "golden.h"
#include "replay.h"
#include "search/pruners/wilcoxon.h"

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
    History history{{ParseDirection(one.at("direction"))}, {}, one.value("study", ""), {}};
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

TEST(PrunerTest, StopsWholeStudiesWhereOptunaStopsThem) {
  const json golden = ReadGolden();
  const std::vector<LearningCurve> curves = GoldenCurves(golden.at("curves"));
  for (const json& one : golden.at("replays")) {
    const Direction direction = ParseDirection(one.at("direction"));
    std::vector<LearningCurve> reported = curves;
    if (direction == Direction::kMinimize) {
      for (LearningCurve& curve : reported) {
        for (auto& [step, value] : curve) value = -value;
      }
    }
    const Replay replay = ReplayCurves(*Make(one.at("pruner")), reported, direction, "replay");
    json stops = json::array();
    for (const ReplayedTrial& trial : replay.trials) {
      stops.push_back(trial.pruned ? json(trial.last_step) : json());
    }
    EXPECT_EQ(stops, one.at("stops")) << one.at("pruner").dump() << ToString(direction);
  }
}

// The figures of docs/pruners.md.
TEST(PrunerTest, OnRecordedTrainingsLateDecisionsSaveAThirdAndKeepTheBest) {
  const std::vector<LearningCurve> curves = DetectorCurves();
  ASSERT_EQ(curves.size(), 60u);
  std::vector<LearningCurve> falling = curves;
  for (LearningCurve& curve : falling) {
    ASSERT_EQ(curve.size(), 16u);
    for (auto& [step, value] : curve) value = -value;
  }
  const auto worth = [&](const char* options) {
    const auto pruner = Make(json::parse(options));
    const PrunerWorth rising = WorthOf(*pruner, curves, Direction::kMaximize, 20);
    const PrunerWorth same = WorthOf(*pruner, falling, Direction::kMinimize, 20);
    EXPECT_EQ(rising.saved, same.saved) << options;
    EXPECT_EQ(rising.lost_best, same.lost_best) << options;
    return rising;
  };
  EXPECT_EQ(worth(R"({"type":"none"})").saved, 0);
  for (const char* const late :
       {R"({"type":"median","n_warmup_steps":8})", R"({"type":"asha","min_resource":6,"reduction_factor":2})",
        R"({"type":"patient","patience":1,"wrapped":"median"})"}) {
    const PrunerWorth found = worth(late);
    EXPECT_GT(found.saved, 0.33) << late;
    EXPECT_EQ(found.lost_best, 0) << late;
    EXPECT_EQ(found.regret, 0) << late;
  }
  const PrunerWorth early = worth(R"({"type":"median"})");
  EXPECT_GT(early.saved, 0.6);
  EXPECT_GT(early.lost_best, 10) << "curves cross: the first epochs say little of the last one";
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

// Options with which every pruner of the table can be made, and that prune readily.
json Eager(const std::string& name) {
  json options = {{"type", name}};
  if (name == "percentile") options["percentile"] = 50;
  if (name == "median" || name == "percentile") options["n_startup_trials"] = 0;
  if (name == "patient") options["patience"] = 1;
  if (name == "hyperband") options["max_resource"] = 9;
  if (name == "asha") options["min_resource"] = 1;
  if (name == "threshold") options["lower"] = -100;
  if (name == "wilcoxon") options["p_threshold"] = 0.3;
  return options;
}

// Ten complete trials with values around 1 at steps 1 to 9, every rung filled.
History Tens(std::vector<Direction> directions, std::size_t reported) {
  History history{std::move(directions), {}, "study", {}};
  for (int i = 0; i < 10; ++i) {
    TrialRecord trial = Trial(i, TrialState::kComplete, {});
    for (int step = 1; step <= 9; ++step) trial.intermediate[step] = 1 + 0.01 * i;
    for (int rung = 0; rung < 3; ++rung)
      trial.system_attrs[fmt::format("completed_rung_{}", rung)] = 1 + 0.01 * i;
    trial.values.assign(history.directions.size(), -7);
    trial.values[reported] = 1 + 0.01 * i;
    history.trials.push_back(std::move(trial));
  }
  return history;
}

class PrunerContractTest : public testing::TestWithParam<std::string> {};

TEST_P(PrunerContractTest, PrunesTheWorseTrialAndKeepsTheBetterInBothDirections) {
  const json options = Eager(GetParam());
  const bool judges = GetParam() != "none" && GetParam() != "threshold";  // Against other trials or its past.
  for (const Direction direction : {Direction::kMinimize, Direction::kMaximize}) {
    const double worse = direction == Direction::kMinimize ? 1 : -1;
    const History history = Tens({direction}, 0);
    bool worse_pruned = false, better_pruned = false;
    for (int number = 10; number < 30; ++number) {
      TrialRecord falling = Trial(number, TrialState::kRunning, {});
      TrialRecord rising = Trial(number, TrialState::kRunning, {});
      for (int step = 1; step <= 9; ++step) {
        falling.intermediate[step] = 1 + worse * step;
        rising.intermediate[step] = 1 - worse * step;
        worse_pruned |= Make(options)->Decide(history, falling).prune;
        better_pruned |= Make(options)->Decide(history, rising).prune;
      }
    }
    EXPECT_EQ(worse_pruned, judges) << ToString(direction);
    EXPECT_FALSE(better_pruned) << ToString(direction);
  }
}

TEST_P(PrunerContractTest, ATrialWithoutReportsAndOddHistoriesAreFine) {
  for (const auto& pruner : {Make(Eager(GetParam())), Make(Eager(GetParam()))}) {
    History history;
    EXPECT_FALSE(pruner->Decide(history, Trial(0, TrialState::kRunning, {})).prune);
    for (const double value : {kNan, kInf, -kInf}) {
      history.trials.push_back(
          Trial(static_cast<int>(history.trials.size()), TrialState::kComplete, {{0, value}, {3, value}}));
      history.trials.back().values = {value};
      history.trials.push_back(Trial(static_cast<int>(history.trials.size()), TrialState::kRunning, {}));
    }
    for (const double value : {kNan, kInf, -kInf, 0.5}) {
      const TrialRecord trial = Trial(9, TrialState::kRunning, {{0, 0.5}, {1, kNan}, {2, kInf}, {3, value}});
      const PruneDecision first = pruner->Decide(history, trial);
      EXPECT_EQ(first.prune, pruner->Decide(history, trial).prune);
      EXPECT_EQ(first.prune, !first.reason.empty());
    }
  }
}

TEST_P(PrunerContractTest, OfSeveralObjectivesTheNamedOneCounts) {
  json options = Eager(GetParam());
  History history = Tens({Direction::kMinimize, Direction::kMaximize}, 1);
  TrialRecord trial = Trial(11, TrialState::kRunning, {});
  for (int step = 1; step <= 9; ++step) trial.intermediate[step] = 0.9 - 0.1 * step;
  if (GetParam() == "none" || GetParam() == "threshold") {
    EXPECT_NO_THROW(Make(options)->Decide(history, trial));
    return;
  }
  try {
    Make(options)->Decide(history, trial);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("say by the pruner's option \"objective\""));
  }
  history.objective_names = {"seconds", "mAP"};
  const History alone = Tens({Direction::kMaximize}, 0);
  const PruneDecision expected = Make(Eager(GetParam()))->Decide(alone, trial);
  for (const json& objective : {json("mAP"), json(1), json("1")}) {
    options["objective"] = objective;
    const PruneDecision decision = Make(options)->Decide(history, trial);
    EXPECT_EQ(decision.prune, expected.prune) << objective;
    EXPECT_EQ(decision.reason, expected.reason);
  }
  options["objective"] = "mAp";
  try {
    Make(options)->Decide(history, trial);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'mAP'?"));
  }
}

INSTANTIATE_TEST_SUITE_P(Pruners, PrunerContractTest, testing::ValuesIn(PrunerNames()),
                         [](const auto& name) { return name.param; });

TEST(PatientPrunerTest, AsksTheWrappedOneOnlyWithoutImprovement) {
  History history;
  for (int i = 0; i < 4; ++i) history.trials.push_back(Trial(i, TrialState::kComplete, {{2, 1.0}, {3, 1.0}}));
  const auto pruner = Make(
      json::parse(R"({"type":"patient","patience":1,"wrapped":{"type":"median","n_startup_trials":0}})"));
  EXPECT_FALSE(pruner->Decide(history, Trial(9, TrialState::kRunning, {{1, 5}, {2, 4}, {3, 3}})).prune);
  EXPECT_TRUE(pruner->Decide(history, Trial(9, TrialState::kRunning, {{1, 3}, {2, 4}, {3, 5}})).prune);
}

// All 2^n signs of the midranks, zeros left alone.
double BruteForcePValue(const std::vector<double>& differences) {
  const auto rank = [&](double d) {
    double below = 0, same = 0;
    for (const double other : differences) {
      below += std::abs(other) < std::abs(d);
      same += std::abs(other) == std::abs(d);
    }
    return below + (same + 1) / 2;
  };
  double observed = 0;
  std::vector<double> ranks;
  for (const double d : differences) {
    if (d != 0) ranks.push_back(rank(d));
    if (d > 0) observed += rank(d);
  }
  int reached = 0;
  for (unsigned signs = 0; signs < 1u << ranks.size(); ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) sum += (signs >> i & 1) != 0 ? ranks[i] : 0;
    reached += sum >= observed - 1e-9;
  }
  return static_cast<double>(reached) / static_cast<double>(1u << ranks.size());
}

TEST(WilcoxonPrunerTest, PValuesAreScipysAndWithTiesThoseOfEnumeration) {
  const json golden = ReadGolden();
  for (const json& one : golden.at("signed_ranks")) {
    EXPECT_NEAR(SignedRankPValue(one.at("differences")), one.at("p").get<double>(), 1e-10) << one.dump();
  }
  for (const auto& differences : std::vector<std::vector<double>>{
           {1.0, 1, -1, 0, 2}, {0.0, 0, 3}, {2.0, 2, 2, 2, -2, 2}, {-1.0, -1, 0}, {1.5, -0.5, 0.5, 3}}) {
    EXPECT_NEAR(SignedRankPValue(differences), BruteForcePValue(differences), 1e-12);
  }
  EXPECT_EQ(SignedRankPValue({}), 1);
  EXPECT_EQ(SignedRankPValue({0, 0}), 1);
}

TEST(WilcoxonPrunerTest, DecisionTable) {
  History history;
  history.trials.push_back(Trial(0, TrialState::kComplete, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}));
  history.trials.push_back(Trial(1, TrialState::kComplete, {{0, 9}, {1, 9}, {2, 9}, {3, 9}, {4, 9}}));
  history.trials[0].values = {3};
  history.trials[1].values = {9};
  struct Case {
    std::map<int, double> reports;
    bool prune;
  };
  const Case cases[] = {
      {{{0, 2}}, false},                                          // Too few steps.
      {{{0, 2}, {1, 3.1}, {2, 4.2}}, false},                      // p = 1/8.
      {{{0, 2}, {1, 3.1}, {2, 4.2}, {3, 5.3}}, true},             // p = 1/16.
      {{{0, 2}, {1, 3.1}, {2, 4.2}, {3, 5.3}, {9, -99}}, false},  // Its mean is better.
      {{{0, 2}, {1, 3.1}, {2, 4.2}, {3, kInf}}, false},
      {{{5, 2}, {6, 3.1}, {7, 4.2}, {8, 50}}, false},  // No step in common.
  };
  const auto pruner = Make("wilcoxon");
  for (const Case& one : cases) {
    EXPECT_EQ(pruner->Decide(history, Trial(2, TrialState::kRunning, one.reports)).prune, one.prune)
        << json(one.reports).dump();
  }
}

TEST(PrunerTableTest, NamesAndOptionsAreChecked) {
  EXPECT_EQ(PrunerNames(), (std::vector<std::string>{"asha", "hyperband", "median", "none", "patient",
                                                     "percentile", "threshold", "wilcoxon"}));
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
      {R"({"type":"hyperband","min_resource":3,"max_resource":2})", "'max_resource' must be at least 3"},
      {R"({"type":"hyperband","bootstrap_count":2})", "needs a number as 'max_resource'"},
      {R"({"type":"hyperband","reduction_factor":1})", "'reduction_factor' must be at least 2"},
      {R"({"type":"threshold"})", "'lower', 'upper' or both are required"},
      {R"({"type":"threshold","lower":2,"upper":1})", "must not be above 'upper'"},
      {R"({"type":"patient"})", "'patience' is required"},
      {R"({"type":"patient","patience":-1})", "'patience' must be at least 0"},
      {R"({"type":"patient","patience":1,"min_delta":-1})", "'min_delta' must lie between 0"},
      {R"({"type":"patient","patience":1,"wrapped":"medain"})", "did you mean 'median'?"},
      {R"({"type":"wilcoxon","p_threshold":2})", "'p_threshold' must lie between 0 and 1"},
      {R"({"type":"asha","objective":""})", "the name or the place of an objective"},
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
