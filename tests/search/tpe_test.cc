#include "search/samplers/tpe.h"

#include <gmock/gmock.h>

#include <cmath>

#include "golden.h"
#include "problems.h"
#include "search/pareto.h"
#include "search/samplers/random.h"
#include "search/samplers/tpe_split.h"

namespace yoake::search {
namespace {

using nlohmann::json;
using testing::ElementsAre;

std::vector<int> Numbers(const std::vector<const TrialRecord*>& trials) {
  std::vector<int> numbers;
  for (const TrialRecord* trial : trials) numbers.push_back(trial->number);
  return numbers;
}

TrialRecord Complete(int number, std::vector<double> values) {
  TrialRecord trial;
  trial.number = number;
  trial.state = TrialState::kComplete;
  trial.values = std::move(values);
  return trial;
}

TEST(TpeSplitTest, CountsTheSameTrialsAsGoodAsOptuna) {
  const json golden = ReadGolden();
  for (const json& one : golden.at("splits")) {
    History history{{ParseDirection(one.at("direction"))}, {}};
    for (const json& trial : one.at("trials")) {
      history.trials.push_back(GoldenTrial(trial, static_cast<int>(history.trials.size())));
    }
    const TpeSplit split = SplitTrials(history, -1, {});
    EXPECT_EQ(json(Numbers(split.below)), one.at("below"));
    EXPECT_EQ(static_cast<int>(split.below.size() + split.above.size()), split.n_finished);
  }
}

TEST(TpeSplitTest, InfeasibleComesLastAndRunningCountsAsBad) {
  History history;
  for (int i = 0; i < 12; ++i) history.trials.push_back(Complete(i, {static_cast<double>(i)}));
  for (int i = 0; i < 11; ++i)
    history.trials[static_cast<std::size_t>(i)].system_attrs["constraints:m"] = 12 - i;
  history.trials[10].system_attrs["constraints:m"] = 0;
  TrialRecord running;
  running.number = 12;
  history.trials.push_back(running);
  TpeSplit split = SplitTrials(history, -1, {});
  EXPECT_THAT(Numbers(split.below), ElementsAre(10, 11));  // The only feasible ones.
  EXPECT_EQ(split.above.back()->number, 12);
  EXPECT_EQ(split.n_finished, 12);
  history.trials[11].system_attrs["constraints:other"] = 1;
  split = SplitTrials(history, 12, {.constant_liar = false});
  EXPECT_THAT(Numbers(split.below), ElementsAre(10, 11));  // 11 violates least.
  EXPECT_EQ(split.above.size(), 10u);
}

TEST(TpeSplitTest, WhatFailedByItsParametersIsBad) {
  History history;
  for (int i = 0; i < 4; ++i) history.trials.push_back(Complete(i, {static_cast<double>(i)}));
  for (const char* reason : {"out_of_memory", "interrupted", "my own words"}) {
    TrialRecord failed;
    failed.number = static_cast<int>(history.trials.size());
    failed.state = TrialState::kFail;
    failed.params["x"] = {FloatDistribution{}, 0.5};
    failed.user_attrs["reason"] = reason;
    history.trials.push_back(failed);
  }
  TpeSplit split = SplitTrials(history, -1, {});
  EXPECT_THAT(Numbers(split.below), ElementsAre(0));
  EXPECT_THAT(Numbers(split.above), ElementsAre(1, 2, 3, 4, 6));
  EXPECT_EQ(split.n_finished, 6);
  EXPECT_EQ(SplitTrials(history, -1, {.learn_from_failures = false}).above.size(), 3u);
  // While nothing has come to an end there is nothing to be like: still at random.
  history.trials.erase(history.trials.begin(), history.trials.begin() + 4);
  EXPECT_EQ(SplitTrials(history, -1, {}).n_finished, 0);
}

TEST(TpeSplitTest, SeveralObjectivesTakeFrontsAndThenVolume) {
  History history{{Direction::kMinimize, Direction::kMaximize}, {}};
  const double points[][2] = {{1, -5}, {3, -3}, {5, -1}, {4.9, -1.1}, {6, -6},
                              {7, -7}, {8, -8}, {9, -9}, {9, -8},     {8, -9}};
  for (const auto& [x, y] : points)
    history.trials.push_back(Complete(static_cast<int>(history.trials.size()), {x, y}));
  EXPECT_THAT(Numbers(SplitTrials(history, -1, {.gamma = 0.1}).below), ElementsAre(1));
  EXPECT_THAT(Numbers(SplitTrials(history, -1, {.gamma = 0.4}).below), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Numbers(SplitTrials(history, -1, {.gamma = 0.5}).below), ElementsAre(0, 1, 2, 3, 4));
}

TEST(ParetoTest, RanksAndVolumes) {
  EXPECT_THAT(NonDominationRanks({{1, 2}, {2, 1}, {2, 2}, {3, 3}, {1, 2}}), ElementsAre(0, 0, 1, 2, 0));
  EXPECT_DOUBLE_EQ(Hypervolume({{1, 2}, {2, 1}, {2, 2}, {5, 0}}, {3, 3}), 3);
  EXPECT_DOUBLE_EQ(Hypervolume({{0, 0, 0}}, {1, 2, 3}), 6);
  EXPECT_DOUBLE_EQ(Hypervolume({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {2, 2, 2}), 7);  // 3 x 4 - 3 x 2 + 1
  EXPECT_DOUBLE_EQ(Hypervolume({}, {1, 1}), 0);
  EXPECT_THAT(GreedyHypervolumeSubset({{0, 9}, {1, 1}, {9, 0}, {1, 1}}, {10, 10}, 2), ElementsAre(0, 1));
}

TEST(TpeSamplerTest, AnnouncesItsJointDrawAsOptunaDoes) {
  const Problem problem = FindProblem("hartmann6");
  const auto sampler = MakeTpeSampler({.n_startup_trials = 3});
  History history;
  for (int i = 0; i < 3; ++i) {
    TrialRecord trial = Complete(i, {static_cast<double>(i)});
    const Suggestion suggestion = sampler->Suggest(problem.space, history, i, RandomStream(1));
    EXPECT_TRUE(suggestion.system_attrs.empty());  // Random so far.
    trial.params = suggestion.params;
    history.trials.push_back(trial);
  }
  const Suggestion suggestion = sampler->Suggest(problem.space, history, 3, RandomStream(1));
  const std::string text = suggestion.system_attrs.at("tpe:relative_params:0");
  EXPECT_EQ(json::parse(text), ExternalValues(suggestion.params));
  EXPECT_THAT(text, testing::StartsWith("{\"x0\": "));

  // Another worker knows the announced values before they are stored as parameters.
  TrialRecord announced;
  announced.number = 3;
  announced.system_attrs = suggestion.system_attrs;
  TrialRecord stored = announced;
  stored.params = suggestion.params;
  stored.system_attrs.clear();
  History by_attr = history, by_params = history;
  by_attr.trials.push_back(announced);
  by_params.trials.push_back(stored);
  EXPECT_EQ(ExternalValues(sampler->Suggest(problem.space, by_attr, 4, RandomStream(1)).params),
            ExternalValues(sampler->Suggest(problem.space, by_params, 4, RandomStream(1)).params));
}

TEST(TpeSamplerTest, LongAnnouncementsAreCutIntoChunks) {
  std::vector<SpaceEntry> entries;
  for (int i = 0; i < 200; ++i)
    entries.push_back({"parameter" + std::to_string(1000 + i), FloatDistribution{}, {}});
  const SearchSpace space(entries);
  const auto sampler = MakeTpeSampler({.n_startup_trials = 1});
  History history;
  history.trials.push_back(Complete(0, {1}));
  history.trials[0].params = sampler->Suggest(space, {}, 0, RandomStream(1)).params;
  const Suggestion suggestion = sampler->Suggest(space, history, 1, RandomStream(1));
  std::string text;
  for (std::size_t i = 0; i < suggestion.system_attrs.size(); ++i) {
    const std::string chunk = suggestion.system_attrs.at("tpe:relative_params:" + std::to_string(i));
    if (i + 1 < suggestion.system_attrs.size()) {
      EXPECT_EQ(chunk.size(), 2045u);
    }
    text += chunk;
  }
  EXPECT_GT(suggestion.system_attrs.size(), 2u);
  EXPECT_EQ(json::parse(text), ExternalValues(suggestion.params));
}

TEST(TpeSamplerTest, RunningTrialsKeepWorkersApart) {
  const SearchSpace space({{"x", FloatDistribution{0, 1, false, {}}, {}}});
  History history;
  for (int i = 0; i < 30; ++i) {
    const double x = i / 29.0;
    history.trials.push_back(Complete(i, {(x - 0.3) * (x - 0.3)}));
    history.trials.back().params["x"] = {space.entries()[0].distribution, x};
  }
  const auto spread = [&](bool constant_liar) {
    const auto sampler = MakeTpeSampler({.constant_liar = constant_liar});
    History parallel = history;
    double squares = 0;
    for (int number = 30; number < 60; ++number) {
      TrialRecord trial;
      trial.number = number;
      trial.params = sampler->Suggest(space, parallel, number, RandomStream(1)).params;
      squares += std::pow(trial.params.at("x").internal - 0.3, 2);
      parallel.trials.push_back(trial);
    }
    return squares;
  };
  EXPECT_GT(spread(true), 2 * spread(false));
}

TEST(TpeSamplerTest, BeatsRandomSearch) {
  for (const char* name : {"branin2", "mixdet"}) {
    const Problem problem = FindProblem(name);
    for (const bool group : {false, true}) {
      std::vector<double> tpe, random;
      for (std::uint64_t seed = 0; seed < 9; ++seed) {
        tpe.push_back(BestSoFar(problem, *MakeTpeSampler({.group = group}), seed, 80).back());
        random.push_back(BestSoFar(problem, *MakeRandomSampler(), seed, 80).back());
      }
      EXPECT_LT(Quantile(tpe, 0.5), Quantile(random, 0.5)) << name << group;
    }
  }
}

TEST(TpeSamplerTest, LeavesARegionThatFails) {
  for (const Problem& problem : GuardProblems()) {
    if (problem.name != "oom5") continue;
    int learning = 0, ignoring = 0;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      for (const bool learn : {false, true}) {
        for (const TrialRecord& trial :
             RunTrials(problem, *MakeTpeSampler({.learn_from_failures = learn}), seed, 80)) {
          if (trial.number >= 40 && trial.state == TrialState::kFail) ++(learn ? learning : ignoring);
        }
      }
    }
    EXPECT_LT(learning, 0.7 * ignoring);
  }
}

}  // namespace
}  // namespace yoake::search
