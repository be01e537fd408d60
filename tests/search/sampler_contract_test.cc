// What every sampler promises, run on every name of the table.
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "core/error.h"
#include "core/json_reader.h"
#include "problems.h"
#include "search/sampler.h"
#include "tests/support/documented_defaults.h"

namespace yoake::search {
namespace {

using nlohmann::json;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::unique_ptr<Sampler> Make(const json& options) { return MakeSampler(JsonReader(options, "study.json")); }

SearchSpace WideSpace() {
  const std::string a = "a", b = "b";
  return SearchSpace({
      {"kind", CategoricalDistribution{{a, b, std::monostate{}}}, {}},
      {"float", FloatDistribution{-2, 3, false, {}}, {}},
      {"log", FloatDistribution{1e-8, 1e3, true, {}}, {}},
      {"grid", FloatDistribution{0, 1, false, 0.3}, {}},
      {"int", IntDistribution{-1, 1, false, 1}, {}},
      {"int_step", IntDistribution{8, 30, false, 8}, {}},
      {"int_log", IntDistribution{1, 10, true, 1}, {}},
      {"one_float", FloatDistribution{2, 2, false, {}}, {}},
      {"one_int", IntDistribution{3, 5, false, 4}, {}},
      {"one_choice", CategoricalDistribution{{true}}, {}},
      {"of_a", FloatDistribution{0, 1, false, {}}, {{"kind", {a}}}},
      {"of_b", CategoricalDistribution{{std::int64_t{1}, 2.5}}, {{"kind", {b}}}},
      {"of_of_b", IntDistribution{1, 3, false, 1}, {{"of_b", {2.5}}}},
  });
}

void ExpectValid(const SearchSpace& space, const Suggestion& suggestion) {
  std::size_t active = 0;
  for (const SpaceEntry& entry : space.entries()) {
    if (!SearchSpace::IsActive(entry, suggestion.params)) continue;
    ++active;
    const auto found = suggestion.params.find(entry.name);
    ASSERT_NE(found, suggestion.params.end()) << entry.name;
    EXPECT_EQ(found->second.distribution, entry.distribution);
    EXPECT_TRUE(Contains(entry.distribution, found->second.internal)) << entry.name << found->second.internal;
  }
  EXPECT_EQ(suggestion.params.size(), active);
}

json Externals(const Suggestion& suggestion) { return ExternalValues(suggestion.params); }

class SamplerContractTest : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Sampler> sampler_ = Make(json::parse(GetParam()));
};

// Every state, NaN and infinite values, missing values, pruned trials with and without reports, constraints.
History HarshHistory(const SearchSpace& space, int n, const std::vector<Direction>& directions) {
  const auto random = Make("random");
  History history{directions, {}};
  for (int i = 0; i < n; ++i) {
    TrialRecord trial;
    trial.number = i;
    trial.params = random->Suggest(space, history, i, RandomStream(9)).params;
    trial.state = std::vector{
        TrialState::kComplete, TrialState::kPruned,  TrialState::kRunning,
        TrialState::kFail,     TrialState::kWaiting, TrialState::kComplete}[static_cast<std::size_t>(i % 6)];
    if (trial.state == TrialState::kWaiting) trial.params.clear();
    if (trial.state == TrialState::kComplete && i % 5 != 0) {
      for (std::size_t k = 0; k < directions.size(); ++k) {
        trial.values.push_back(std::vector{1.0, kInf, -kInf, kNan, 0.1 * i, -2.0, 0.5}[(i + k) % 7]);
      }
    }
    if (i % 4 != 0) trial.intermediate = {{1, kNan}, {2, i % 3 == 0 ? kInf : i % 3 == 1 ? kNan : 0.5 * i}};
    if (i % 11 == 0) trial.system_attrs["constraints:memory"] = i % 2 == 0 ? json(1.5) : json("nan");
    if (i % 13 == 0) trial.system_attrs["constraints"] = json::array({-1, 0.5});
    if (trial.state == TrialState::kRunning) {
      trial.system_attrs["tpe:relative_params:0"] =
          i % 4 == 0 ? json("{\"float\": 0.5, \"kind\": \"c\"") : json(3);
    }
    history.trials.push_back(std::move(trial));
  }
  return history;
}

TEST_P(SamplerContractTest, SuggestsExactlyTheActiveParametersInsideTheirDistributions) {
  const SearchSpace space = WideSpace();
  for (const int n : {0, 1, 9, 60}) {
    const History history = HarshHistory(space, n, {Direction::kMinimize});
    for (int number = n; number < n + 40; ++number) {
      ExpectValid(space, sampler_->Suggest(space, history, number, RandomStream(1)));
    }
  }
}

TEST_P(SamplerContractTest, SeveralObjectivesAndMaximising) {
  const SearchSpace space = WideSpace();
  for (const auto& directions :
       {std::vector{Direction::kMaximize}, std::vector{Direction::kMinimize, Direction::kMaximize},
        std::vector(3, Direction::kMinimize)}) {
    const History history = HarshHistory(space, 80, directions);
    for (int number = 80; number < 90; ++number) {
      ExpectValid(space, sampler_->Suggest(space, history, number, RandomStream(1)));
    }
  }
}

TEST_P(SamplerContractTest, IsAFunctionOfSeedNumberAndHistory) {
  const SearchSpace space = WideSpace();
  const History history = HarshHistory(space, 50, {Direction::kMinimize});
  const auto again = Make(json::parse(GetParam()));
  std::set<std::string> different;
  for (int number = 50; number < 70; ++number) {
    const Suggestion first = sampler_->Suggest(space, history, number, RandomStream(4));
    const Suggestion second = again->Suggest(space, history, number, RandomStream(4));
    EXPECT_EQ(Externals(first), Externals(second));
    EXPECT_EQ(first.system_attrs, second.system_attrs);
    different.insert(Externals(first).dump());
  }
  EXPECT_GT(different.size(), 4u);  // The trial's number matters even when the same stream is handed in.
}

TEST_P(SamplerContractTest, TheTrialItselfInTheHistoryChangesNothing) {
  const SearchSpace space = WideSpace();
  History history = HarshHistory(space, 50, {Direction::kMinimize});
  const json without = Externals(sampler_->Suggest(space, history, 50, RandomStream(4)));
  TrialRecord self;
  self.number = 50;
  self.params = history.trials[0].params;
  history.trials.push_back(self);
  EXPECT_EQ(Externals(sampler_->Suggest(space, history, 50, RandomStream(4))), without);
}

// Stores leave the others out (studies::Reports), which spares a long study most of its reading.
TEST_P(SamplerContractTest, LooksAtNoReportButTheLastOfPrunedTrials) {
  const SearchSpace space = WideSpace();
  const History history = HarshHistory(space, 60, {Direction::kMinimize});
  History brief = history;
  for (TrialRecord& trial : brief.trials) {
    if (trial.intermediate.empty()) continue;
    const auto last = *trial.intermediate.rbegin();
    trial.intermediate.clear();
    if (trial.state == TrialState::kPruned) trial.intermediate.insert(last);
  }
  for (int number = 60; number < 64; ++number) {
    EXPECT_EQ(Externals(sampler_->Suggest(space, brief, number, RandomStream(1))),
              Externals(sampler_->Suggest(space, history, number, RandomStream(1))));
  }
}

TEST_P(SamplerContractTest, AHistoryOfOtherDistributionsDoesNotBreakIt) {
  const SearchSpace now({{"x", FloatDistribution{0, 1, false, {}}, {}},
                         {"y", IntDistribution{10, 20, false, 5}, {}},
                         {"z", CategoricalDistribution{{std::string("new"), std::string("kept")}}, {}},
                         {"w", FloatDistribution{1, 2, true, {}}, {}}});
  const SearchSpace then({{"x", FloatDistribution{-5, 5, false, {}}, {}},
                          {"y", FloatDistribution{1, 3, false, {}}, {}},
                          {"z", CategoricalDistribution{{std::string("kept"), std::string("gone")}}, {}},
                          {"v", FloatDistribution{0, 1, false, {}}, {}}});
  for (const int n : {3, 40}) {
    History history = HarshHistory(then, n, {Direction::kMinimize});
    for (int number = n; number < n + 20; ++number) {
      ExpectValid(now, sampler_->Suggest(now, history, number, RandomStream(1)));
    }
  }
}

TEST_P(SamplerContractTest, AnEmptySpaceHasAnEmptySuggestion) {
  const History history = HarshHistory(WideSpace(), 40, {Direction::kMinimize});
  EXPECT_TRUE(sampler_->Suggest({}, history, 40, RandomStream(1)).params.empty());
}

TEST_P(SamplerContractTest, UnknownKeysAreErrors) {
  json options = json::parse(GetParam());
  if (options.is_string()) options = {{"type", options}};
  options["n_startup_trails"] = 3;
  EXPECT_THROW(Make(options), Error);
}

INSTANTIATE_TEST_SUITE_P(
    Samplers, SamplerContractTest,
    testing::Values(
        R"("cmaes")", R"({"type":"cmaes","sigma":2,"population":3})", R"("nsga2")",
        R"({"type":"nsga2","population":2,"mutation":0.5})", R"("random")", R"({"type":"grid","n":3})",
        R"("qmc")", R"({"type":"qmc","sequence":"halton"})", R"("tpe")",
        R"({"type":"tpe","n_startup_trials":0})", R"({"type":"tpe","group":true,"n_startup_trials":2})",
        R"({"type":"tpe","multivariate":false})",
        R"({"type":"tpe","constant_liar":false,"consider_magic_clip":false,"consider_endpoints":true})",
        R"("auto")", R"("gp")", R"({"type":"gp","n_startup_trials":1})",
        R"({"type":"tpe","n_ei_candidates":1,"prior_weight":0.01,"gamma":0.5,"max_below":3})"));

TEST(SamplerTableTest, NamesAreKnownAndASlipIsCorrected) {
  EXPECT_EQ(SamplerNames(),
            (std::vector<std::string>{"auto", "cmaes", "gp", "grid", "nsga2", "qmc", "random", "tpe"}));
  try {
    Make("tep");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "study.json: $.type: unknown sampler 'tep'; did you mean 'tpe'?");
  }
  const char* const wrong[] = {R"({"type":"tpe","n_startup_trials":-1})",
                               R"({"type":"tpe","gamma":1})",
                               R"({"type":"tpe","gamma":0})",
                               R"({"type":"tpe","prior_weight":0})",
                               R"({"type":"tpe","n_ei_candidates":0})",
                               R"({"type":"tpe","max_below":0})",
                               R"({"type":"tpe","group":true,"multivariate":false})",
                               R"({"type":"grid","n":0})",
                               R"({"type":"grid","n":{"a":0}})",
                               R"({"type":"cmaes","sigma":0})",
                               R"({"type":"cmaes","population":1})",
                               R"({"type":"nsga2","population":1})",
                               R"({"type":"nsga2","crossover":1.5})",
                               R"({"type":"nsga2","mutation_eta":0})",
                               R"({"type":"qmc","sequence":"faure"})",
                               R"({"n":3})",
                               "3"};
  for (const char* text : wrong) EXPECT_THROW(Make(json::parse(text)), Error) << text;
}

// Writing a documented default out changes nothing, and there is no such key under another name.
TEST(SamplerTableTest, TheDocumentedDefaultsAreTheDefaults) {
  const SearchSpace space = FindProblem("mixdet").space;
  const auto documented = DocumentedDefaults("### Samplers");
  EXPECT_GT(documented.size(), 14u);
  History history = HarshHistory(space, 60, {Direction::kMinimize});
  for (const auto& [path, value] : documented) {
    if (path == "grid.n") continue;  // Has none.
    const std::string type = path.substr(0, path.find('.'));
    json plain = {{"type", type}}, written = {{"type", type}};
    if (type == "grid") plain["n"] = written["n"] = 1;
    written[path.substr(type.size() + 1)] = value;
    if (type == "grid") {
      const SearchSpace small({{"x", IntDistribution{1, 99, false, 1}, {}}});
      EXPECT_EQ(Externals(Make(written)->Suggest(small, {}, 7, RandomStream(4))),
                Externals(Make(plain)->Suggest(small, {}, 7, RandomStream(4))));
      continue;
    }
    for (int number = 60; number < 63; ++number) {
      EXPECT_EQ(Externals(Make(written)->Suggest(space, history, number, RandomStream(4))),
                Externals(Make(plain)->Suggest(space, history, number, RandomStream(4))))
          << path;
    }
  }
}

TEST(RandomSamplerTest, DrawsInTheParametersOwnScale) {
  const SearchSpace space({{"log", FloatDistribution{1e-4, 1, true, {}}, {}},
                           {"int_log", IntDistribution{1, 8, true, 1}, {}},
                           {"grid", FloatDistribution{0, 1, false, 0.25}, {}}});
  const auto sampler = Make("random");
  constexpr int n = 20000;
  int below_centre = 0, ones = 0;
  std::map<double, int> grid;
  for (int i = 0; i < n; ++i) {
    const ParamSet params = sampler->Suggest(space, {}, i, RandomStream(3)).params;
    below_centre += params.at("log").internal < 1e-2 ? 1 : 0;
    ones += params.at("int_log").internal == 1 ? 1 : 0;
    ++grid[params.at("grid").internal];
  }
  EXPECT_NEAR(below_centre, n * 0.5, 300);
  EXPECT_NEAR(ones, n * std::log(3.0) / std::log(17.0), 300);  // ln(1.5/.5) of ln(8.5/.5)
  EXPECT_EQ(grid.size(), 5u);
  for (const auto& [value, count] : grid) EXPECT_NEAR(count, n / 5, 300) << value;
}

TEST(GridSamplerTest, EveryPointOfAConditionalGridOnceThenRandom) {
  const SearchSpace space({{"kind", CategoricalDistribution{{std::string("a"), std::string("b")}}, {}},
                           {"x", FloatDistribution{1e-4, 1, true, {}}, {{"kind", {std::string("a")}}}},
                           {"k", IntDistribution{1, 3, false, 1}, {{"kind", {std::string("b")}}}},
                           {"s", FloatDistribution{0, 0.5, false, 0.25}, {}}});
  const auto sampler = Make(json::parse(R"({"type":"grid","n":{"x":5}})"));
  std::set<std::string> points;
  std::set<double> xs;
  for (int number = 0; number < (5 + 3) * 3; ++number) {
    const Suggestion suggestion = sampler->Suggest(space, {}, number, RandomStream(1));
    ExpectValid(space, suggestion);
    EXPECT_TRUE(points.insert(Externals(suggestion).dump()).second) << number;
    if (suggestion.params.contains("x")) xs.insert(suggestion.params.at("x").internal);
  }
  EXPECT_EQ(xs.size(), 5u);
  EXPECT_EQ(*xs.begin(), 1e-4);
  EXPECT_EQ(*xs.rbegin(), 1);
  ExpectValid(space, sampler->Suggest(space, {}, 24, RandomStream(1)));
  const auto reordered = Make(json::parse(R"({"type":"grid","n":5,"seed":1})"));
  EXPECT_NE(Externals(reordered->Suggest(space, {}, 0, RandomStream(1))),
            Externals(sampler->Suggest(space, {}, 0, RandomStream(1))));
}

TEST(GridSamplerTest, SaysWhatIsMissingOrTooMuch) {
  const SearchSpace continuous({{"lr", FloatDistribution{0, 1, false, {}}, {}}});
  const SearchSpace huge(
      {{"a", IntDistribution{1, 1000, false, 1}, {}}, {"b", IntDistribution{1, 1000, false, 1}, {}}});
  const auto message = [](const json& options, const SearchSpace& space) -> std::string {
    try {
      Make(options)->Suggest(space, {}, 0, RandomStream(1));
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("grid", continuous), testing::HasSubstr(R"("n": {"lr": 5})"));
  EXPECT_THAT(message(json::parse(R"({"type":"grid","n":{"lrr":3}})"), continuous),
              testing::HasSubstr("did you mean 'lr'?"));
  EXPECT_THAT(message("grid", huge), testing::HasSubstr("more than 100000 points"));
  EXPECT_EQ(message(json::parse(R"({"type":"grid","n":{"a":10,"b":10}})"), huge), "no error");
}

}  // namespace
}  // namespace yoake::search
