#include "search/importance.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "core/error.h"
#include "core/rng.h"
#include "problems.h"
#include "search/samplers/random.h"

namespace yoake::search {
namespace {

using Function = std::function<double(const nlohmann::json&)>;

SearchSpace Cube(int n) {
  std::vector<SpaceEntry> entries;
  for (int i = 0; i < n; ++i) entries.push_back({fmt::format("x{}", i), FloatDistribution{}, {}});
  return SearchSpace(std::move(entries));
}

History RandomTrials(const SearchSpace& space, int n, const Function& f) {
  History history;
  const auto sampler = MakeRandomSampler();
  for (int i = 0; i < n; ++i) {
    TrialRecord trial;
    trial.number = i;
    trial.state = TrialState::kComplete;
    trial.params = sampler->Suggest(space, history, i, RandomStream(7)).params;
    trial.values = {f(ExternalValues(trial.params))};
    history.trials.push_back(std::move(trial));
  }
  return history;
}

std::map<std::string, double> Shares(const Importance& importance) {
  std::map<std::string, double> shares;
  for (const auto& one : importance.parameters) shares[one.name] = one.importance;
  return shares;
}

std::vector<std::string> Order(const Importance& importance) {
  std::vector<std::string> names;
  for (const auto& one : importance.parameters) names.push_back(one.name);
  return names;
}

ImportanceOptions PedAnova() {
  ImportanceOptions options;
  options.method = ImportanceMethod::kPedAnova;
  return options;
}

double X(const nlohmann::json& p, int i) { return p.at(fmt::format("x{}", i)).get<double>(); }

struct Known {
  const char* name;
  int dimensions;
  double (*f)(const nlohmann::json&);
  std::vector<double> shares;  // By derivation on paper.
};

const Known kKnown[] = {
    {"linear",
     5,
     [](const nlohmann::json& p) { return 4 * X(p, 0) + 2 * X(p, 1) + X(p, 2); },
     {16.0 / 21, 4.0 / 21, 1.0 / 21, 0, 0}},
    {"ishigami",
     3,
     [](const nlohmann::json& p) {
       const auto z = [&](int i) { return std::numbers::pi * (2 * X(p, i) - 1); };
       return std::sin(z(0)) + 7 * std::pow(std::sin(z(1)), 2) + 0.1 * std::pow(z(2), 4) * std::sin(z(0));
     },
     {0.3139, 0.4424, 0}},
    {"sobol_g",
     4,  // a = 0, 1, 4.5, 9.
     [](const nlohmann::json& p) {
       const double a[] = {0, 1, 4.5, 9};
       double product = 1;
       for (int i = 0; i < 4; ++i) product *= (std::abs(4 * X(p, i) - 2) + a[i]) / (1 + a[i]);
       return product;
     },
     {0.7165, 0.1791, 0.0237, 0.0072}},
};

TEST(FanovaTest, SharesAreTheAnalyticOnes) {
  for (const Known& known : kKnown) {
    const Importance importance =
        ComputeImportance(RandomTrials(Cube(known.dimensions), 1000, known.f), ImportanceOptions{});
    const auto shares = Shares(importance);
    double sum = 0;
    for (int i = 0; i < known.dimensions; ++i) {
      const double expected = known.shares[static_cast<std::size_t>(i)];
      EXPECT_NEAR(shares.at(fmt::format("x{}", i)), expected, 0.07) << known.name << i;
      sum += expected;
    }
    EXPECT_NEAR(importance.rest, 1 - sum, 0.07) << known.name;
    EXPECT_EQ(importance.trials, 1000u);
  }
}

TEST(ImportanceTest, BothMethodsFindTheOrderAlsoUnderNoise) {
  RandomStream noise(3);
  const auto f = [&](const nlohmann::json& p) {
    return 8 * X(p, 0) + 4 * X(p, 1) + 2 * X(p, 2) + 0.5 * noise.Normal();
  };
  const History history = RandomTrials(Cube(5), 1000, f);
  for (const ImportanceOptions& options : {ImportanceOptions{}, PedAnova()}) {
    const Importance importance = ComputeImportance(history, options);
    EXPECT_THAT(Order(importance), testing::ElementsAre("x0", "x1", "x2", testing::_, testing::_))
        << ToString(options.method);
    for (const auto& one : importance.parameters) {
      EXPECT_LE(one.low, one.importance);
      EXPECT_GE(one.high, one.importance);
    }
    EXPECT_LT(importance.parameters[0].low, importance.parameters[0].high);
  }
}

TEST(FanovaTest, AConditionalParameterCountsWithinItsRegion) {
  const std::string a = "a", b = "b";
  const SearchSpace space({{"kind", CategoricalDistribution{{a, b}}, {}},
                           {"of_a", FloatDistribution{}, {{"kind", {a}}}},
                           {"x", FloatDistribution{}, {}}});
  // Var(E[f | kind]) = .75^2, p Var(E[f | of_a]) = .5 * 9 / 12.
  const auto f = [](const nlohmann::json& p) {
    return p.contains("of_a") ? 3 * p["of_a"].get<double>() : 0.0;
  };
  const Importance importance = ComputeImportance(RandomTrials(space, 1000, f), ImportanceOptions{});
  const auto shares = Shares(importance);
  EXPECT_NEAR(shares.at("kind"), 0.6, 0.04);
  EXPECT_NEAR(shares.at("of_a"), 0.4, 0.04);
  EXPECT_NEAR(shares.at("x"), 0, 0.01);
  for (const auto& one : importance.parameters) {
    EXPECT_EQ(one.trials < 1000, one.name == "of_a");
  }
}

TEST(FanovaTest, ChoicesStepsAndLogarithmsAreTakenInTheirOwnScale) {
  const SearchSpace space({{"lr", FloatDistribution{1e-6, 1, true, {}}, {}},
                           {"layers", IntDistribution{1, 4, false, 1}, {}},
                           {"loss", CategoricalDistribution{{true, 2.5, std::monostate{}}}, {}}});
  const auto f = [](const nlohmann::json& p) {  // Variances 9 * 4 / 12, 5 / 4, 8 / 9 * 2.25.
    return std::log10(p["lr"].get<double>()) + p["layers"].get<double>() + (p["loss"] == 2.5 ? 3 : 0);
  };
  const auto shares = Shares(ComputeImportance(RandomTrials(space, 1000, f), ImportanceOptions{}));
  const double whole = 3 + 1.25 + 2;
  EXPECT_NEAR(shares.at("lr"), 3 / whole, 0.05);
  EXPECT_NEAR(shares.at("layers"), 1.25 / whole, 0.05);
  EXPECT_NEAR(shares.at("loss"), 2 / whole, 0.05);
}

TEST(PedAnovaTest, WhatDecidesAloneHasAllAndWhatIsConditionalIsComparedWhereItExists) {
  const auto f = [](const nlohmann::json& p) { return X(p, 0); };
  EXPECT_GT(ComputeImportance(RandomTrials(Cube(4), 1000, f), PedAnova()).parameters[0].importance, 0.9);
  const Problem mixdet = FindProblem("mixdet");
  const Importance importance =
      ComputeImportance(RandomTrials(mixdet.space, 1000, mixdet.evaluate), PedAnova());
  EXPECT_EQ(importance.parameters.size(), mixdet.space.entries().size());
  double sum = 0;
  for (const auto& one : importance.parameters) sum += one.importance;
  EXPECT_NEAR(sum, 1, 1e-9);
}

TEST(ImportanceTest, DirectionDoesNotMatterToFanovaAndEachObjectiveHasItsOwn) {
  History history = RandomTrials(Cube(2), 200, [](const nlohmann::json& p) { return X(p, 0); });
  const auto minimised = Shares(ComputeImportance(history, {}));
  history.directions = {Direction::kMaximize};
  const auto maximised = Shares(ComputeImportance(history, {}));
  EXPECT_NEAR(minimised.at("x0"), maximised.at("x0"), 1e-9);
  history.directions = {Direction::kMinimize, Direction::kMaximize};
  for (TrialRecord& trial : history.trials) trial.values.push_back(trial.params.at("x1").internal);
  EXPECT_THROW(ComputeImportance(history, {}), Error);
  ImportanceOptions second;
  second.objective = "1";
  EXPECT_EQ(Order(ComputeImportance(history, second)).front(), "x1");
}

TEST(ImportanceTest, IsDeterministicAndOddHistoriesAreFine) {
  History history = RandomTrials(Cube(2), 30, [](const nlohmann::json& p) { return X(p, 0); });
  EXPECT_EQ(Shares(ComputeImportance(history, {})), Shares(ComputeImportance(history, {})));
  history.trials[0].values = {HUGE_VAL};
  history.trials[1].state = TrialState::kFail;
  history.trials[2].params.erase("x1");
  history.trials[3].params["x1"] = {FloatDistribution{0, 9, false, {}}, 8};
  history.trials[4].params["one"] = {IntDistribution{3, 3, false, 1}, 3};
  for (const ImportanceOptions& options : {ImportanceOptions{}, PedAnova()}) {
    const Importance importance = ComputeImportance(history, options);
    EXPECT_EQ(importance.trials, 28u);
    EXPECT_EQ(importance.parameters.size(), 2u);  // What has one value only says nothing.
  }
  for (TrialRecord& trial : history.trials) trial.values = {1};
  for (const auto& one : ComputeImportance(history, {}).parameters) EXPECT_EQ(one.importance, 0);
  history.trials.resize(4);
  EXPECT_THROW(ComputeImportance(history, {}), Error);  // One of the four has failed.
  EXPECT_THROW(ParseImportanceMethod("fanovva"), Error);
}

}  // namespace
}  // namespace yoake::search
