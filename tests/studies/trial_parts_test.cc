// The small parts a study is made of: durations, slots, combinations, trial configurations, the planner.

#include <gmock/gmock.h>

#include "core/error.h"
#include "core/json_reader.h"
#include "core/rng.h"
#include "studies/device_pool.h"
#include "studies/duration.h"
#include "studies/planner.h"
#include "studies/trial_config.h"
#include "studies/trial_source.h"
#include "studies/variants.h"

namespace yoake::studies {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

search::SearchSpace Space(const std::string& text) {
  const json space = json::parse(text);
  return search::ParseSearchSpace(JsonReader(space, "space"));
}

TEST(DurationTest, ReadsWhatItWrites) {
  const std::vector<std::pair<std::string, double>> accepted = {
      {"8h", 28800},  {"30m", 1800}, {"90s", 90},   {"1h30m", 5400},
      {"2d", 172800}, {"0.5s", 0.5}, {"1.5h", 5400}};
  for (const auto& [text, seconds] : accepted) {
    EXPECT_DOUBLE_EQ(ParseDuration(text), seconds) << text;
    EXPECT_DOUBLE_EQ(ParseDuration(FormatDuration(seconds)), seconds) << FormatDuration(seconds);
  }
  for (const char* text : {"", "8", "h", "8x", "-3s", "0s", "8h 30m", "1e400s", "nan s", "inf"}) {
    EXPECT_THROW(ParseDuration(text), Error) << text;
  }
}

std::vector<std::string> SlotNames(const std::string& devices) {
  std::vector<std::string> names;
  for (const DeviceSlot& slot : ParseDevices(devices)) names.push_back(slot.name);
  return names;
}

TEST(DevicePoolTest, NamesEverySlotOnce) {
  EXPECT_THAT(SlotNames("cpu"), ElementsAre("cpu:0"));
  EXPECT_THAT(SlotNames("cpu:2"), ElementsAre("cpu:0", "cpu:1"));
  EXPECT_THAT(SlotNames("cuda"), ElementsAre("cuda:0"));
  EXPECT_THAT(SlotNames("cuda:0,1"), ElementsAre("cuda:0", "cuda:1"));
  EXPECT_THAT(SlotNames("cuda:0,0"), ElementsAre("cuda:0", "cuda:0#2"));
  EXPECT_THAT(SlotNames("cpu:1,cuda:3"), ElementsAre("cpu:0", "cuda:3"));
  for (const char* text : {"", "tpu", "cpu:0", "cpu:x", "cuda:-1", "cpu,1", "1", "cuda:0,", "cpu:99999"}) {
    EXPECT_THROW(ParseDevices(text), Error) << text;
  }
}

TEST(DevicePoolTest, ATrialSeesItsOwnDeviceAlone) {
  const auto of = [](const DeviceSlot& slot, const char* visible) {
    const auto variables = DeviceEnvironment(slot, 3, visible);
    return std::map<std::string, std::string>(variables.begin(), variables.end());
  };
  EXPECT_EQ(of({"cpu:1", "cpu"}, "4,5").at("CUDA_VISIBLE_DEVICES"), "");
  EXPECT_EQ(of({"cpu:1", "cpu"}, nullptr).at("YOAKE_DEVICE"), "cpu");
  EXPECT_EQ(of({"cuda:1", "cuda:1"}, nullptr).at("CUDA_VISIBLE_DEVICES"), "1");
  EXPECT_EQ(of({"cuda:1", "cuda:1"}, "4,5").at("CUDA_VISIBLE_DEVICES"), "5");
  EXPECT_EQ(of({"cuda:1", "cuda:1"}, "4,5").at("YOAKE_DEVICE"), "cuda:0");
  EXPECT_EQ(of({"cuda:1", "cuda:1"}, nullptr).at("OMP_NUM_THREADS"), "3");
}

TEST(VariantsTest, CombinesEveryLevelOfEveryFactor) {
  StudyConfig study;
  study.base = json::parse(R"({"epochs": 5, "loss": {"cls": {"type": "A", "x": 1}}})");
  study.data = json::parse(R"({"val": "v.json"})");
  study.tests = json::parse(R"({"night": "n.json"})");
  study.variants = json::parse(R"({
    "dataset": {"day": {"data.train": "d.json"}, "night": {"data": {"train": "n.json"}}},
    "loss": {"a": {}, "b": {"loss": {"cls": {"type": "B"}}, "augment.flip.prob": 0}}})");
  const auto combinations = MakeCombinations(study);
  ASSERT_EQ(combinations.size(), 4u);
  EXPECT_EQ(combinations[0].Label(), "day / a");
  EXPECT_EQ(combinations[1].Label(), "day / b");
  EXPECT_EQ(combinations[3].Label(), "night / b");
  EXPECT_EQ(combinations[3].config,
            json::parse(R"({"epochs": 5, "augment": {"flip": {"prob": 0}}, "loss": {"cls": {"type": "B"}},
    "data": {"train": "n.json", "val": "v.json"}, "tests": {"night": "n.json"}})"));
  study.variants = json::object();
  ASSERT_EQ(MakeCombinations(study).size(), 1u);
  EXPECT_EQ(MakeCombinations(study)[0].Label(), "");
}

TEST(VariantsTest, APatchThatDoesNotFitIsNamed) {
  StudyConfig study;
  study.base = json::parse(R"({"epochs": 5})");
  study.variants = json::parse(R"({"d": {"x": {"epochs.first": 3}}})");
  try {
    MakeCombinations(study);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("$.variants.d.x"), HasSubstr("epochs")));
  }
}

TEST(TrialConfigTest, SetsParametersAndTheTrialsSeed) {
  const json base = json::parse(R"({"optimizer": {"lr": 0.1, "momentum": 0.9}, "seed": 1})");
  const search::ParamSet params = {{"optimizer.lr", {search::FloatDistribution{0, 1, false, {}}, 0.5}}};
  EXPECT_EQ(MakeTrialConfig(base, params, 7),
            json::parse(R"({"optimizer": {"lr": 0.5, "momentum": 0.9}, "seed": 7})"));
  EXPECT_NE(TrialSeed(1, 0), TrialSeed(1, 1));
  EXPECT_EQ(TrialSeed(1, 4), TrialSeed(1, 4));
  EXPECT_LT(TrialSeed(1, 4), 1u << 31);
}

TEST(TrialConfigTest, AnUnknownPathHasASuggestion) {
  const json base = json::parse(R"({"optimizer": {"lr": 0.1}})");
  const search::ParamSet params = {{"optimiser.lr", {search::FloatDistribution{0, 1, false, {}}, 0.5}}};
  try {
    MakeTrialConfig(base, params, 7);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    EXPECT_THAT(error.what(),
                testing::AllOf(HasSubstr("$.space.optimiser.lr"), HasSubstr("did you mean 'optimizer'")));
  }
}

TEST(TrialConfigTest, AnotherTypeLeavesNothingOfTheOldOne) {
  const json base = json::parse(R"({"loss": {"cls": {"type": "CE", "use_sigmoid": true}}})");
  const search::CategoricalDistribution types{{std::string("CE"), std::string("Focal")}};
  const search::ParamSet focal = {{"loss.cls.gamma", {search::FloatDistribution{0, 4, false, {}}, 2}},
                                  {"loss.cls.type", {types, 1}}};
  EXPECT_EQ(MakeTrialConfig(base, focal, 0)["loss"],
            json::parse(R"({"cls": {"type": "Focal", "gamma": 2.0}})"));
  const search::ParamSet same = {{"loss.cls.type", {types, 0}}};
  EXPECT_EQ(MakeTrialConfig(base, same, 0)["loss"], base["loss"]);
}

TEST(TrialConfigTest, ProbesVisitEveryChoiceWithWhatItNeeds) {
  const auto probes = ProbeSpace(Space(R"({
    "a": {"type": "categorical", "choices": ["x", "y"]},
    "b": {"type": "categorical", "choices": [1, 2, 3], "when": {"a": ["y"]}},
    "c": {"type": "float", "low": 0, "high": 1, "when": {"b": [3]}}})"),
                                 0);
  ASSERT_EQ(probes.size(), 6u);
  std::set<std::string> seen;
  bool c_seen = false;
  for (const auto& params : probes) {
    const json values = search::ExternalValues(params);
    seen.insert("a" + values["a"].dump());
    if (values.contains("b")) {
      EXPECT_EQ(values["a"], "y");
      seen.insert("b" + values["b"].dump());
    }
    c_seen |= values.contains("c");
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAre("a\"x\"", "a\"y\"", "b1", "b2", "b3"));
  EXPECT_TRUE(c_seen);
}

search::TrialRecord Trial(int number, const Variant& variant,
                          search::TrialState state = search::TrialState::kComplete) {
  search::TrialRecord trial;
  trial.number = number;
  trial.state = state;
  trial.user_attrs["variant"] = variant;
  if (state == search::TrialState::kComplete) trial.values = {0.1 * number};
  return trial;
}

TEST(PlannerTest, CombinationsTakeTurnsAndStopWhenFull) {
  const std::vector<Combination> combinations = {{{{"d", "a"}}, {}}, {{{"d", "b"}}, {}}};
  search::History history;
  std::string order;
  while (const auto next = NextCombination(history, combinations, 2)) {
    order += combinations[*next].variant.at("d");
    history.trials.push_back(Trial(static_cast<int>(history.trials.size()), combinations[*next].variant,
                                   search::TrialState::kFail));
  }
  EXPECT_EQ(order, "abab");
}

TEST(PlannerTest, EachCombinationIsSearchedOnItsOwnHistory) {
  const json name = "random";
  const auto sampler = search::MakeSampler(JsonReader(name, "sampler"));
  const auto space = Space(R"({"lr": {"type": "float", "low": 0, "high": 1}})");
  const Variant a = {{"d", "a"}}, b = {{"d", "b"}};
  search::History history;
  history.trials = {Trial(0, a), Trial(1, b), Trial(2, a)};
  history.trials.push_back(Trial(3, b));
  const auto lr = [&](int number) {
    return PlanParams(*sampler, space, history, number, 5).params.at("lr").internal;
  };
  EXPECT_EQ(HistoryOf(history, a).trials.size(), 2u);
  EXPECT_EQ(lr(0), lr(1)) << "the first trial of both";
  EXPECT_EQ(lr(2), lr(3)) << "the second trial of both";
  EXPECT_NE(lr(0), lr(2));
}

TEST(TrialSourceTest, TheBestOfEachCombinationAreRunAgainWhenItsSearchHasEnded) {
  StudyConfig study;
  study.trials = 3;
  study.space = json::parse(R"({"lr": {"type": "float", "low": 0, "high": 1}})");
  study.sampler = "random";
  study.confirm = {.best = 2, .seeds = 3, .interval = 1.5};
  const std::vector<Combination> combinations = {{{{"d", "a"}}, {}}, {{{"d", "b"}}, {}}};
  const TrialSource source(study, combinations);
  search::History history{{search::Direction::kMaximize}, {}};
  RandomStream noise(1);
  std::string confirmed;
  while (const auto attrs = source.Next(history)) {
    const int number = static_cast<int>(history.trials.size());
    search::TrialRecord trial = Trial(number, attrs->at("variant").get<Variant>());
    trial.user_attrs = *attrs;
    history.trials.push_back(trial);
    search::TrialRecord& own = history.trials.back();
    own.params = source.Params(history, number).params;
    own.values = {own.params.at("lr").internal + 0.2 * noise.Normal()};
    ASSERT_LT(number, 40);
    if (const auto first = ConfirmedTrial(own)) {
      EXPECT_GE(number, 6) << "the searches come first";
      const search::TrialRecord& before = history.trials.at(static_cast<std::size_t>(*first));
      EXPECT_EQ(VariantOf(own), VariantOf(before));
      EXPECT_EQ(search::ExternalValues(own.params), search::ExternalValues(before.params));
      EXPECT_FALSE(ConfirmedTrial(before));
      confirmed += VariantOf(own).at("d");
    }
  }
  EXPECT_THAT(confirmed, testing::StartsWith("abab"));
  EXPECT_LE(confirmed.size(), 8u);
}

TEST(TrialSourceTest, WithoutConfirmTheSearchIsAll) {
  StudyConfig study;
  study.trials = 2;
  const std::vector<Combination> combinations = {{{}, {}}};
  const TrialSource source(study, combinations);
  search::History history;
  for (int number = 0; source.Next(history); ++number) history.trials.push_back(Trial(number, {}));
  EXPECT_EQ(history.trials.size(), 2u);
}

TEST(PlannerTest, FixedParametersOfAnEnqueuedTrialWin) {
  const json name = "random";
  const auto sampler = search::MakeSampler(JsonReader(name, "sampler"));
  const auto space = Space(R"({"a": {"type": "categorical", "choices": ["x", "y"]},
                               "lr": {"type": "float", "low": 0, "high": 1}})");
  search::History history;
  history.trials = {Trial(0, {}, search::TrialState::kRunning)};
  for (const char* choice : {"x", "y"}) {
    history.trials[0].system_attrs["fixed_params"] = {{"a", choice}, {"lr", 0.25}};
    EXPECT_EQ(search::ExternalValues(PlanParams(*sampler, space, history, 0, 5).params),
              json({{"a", choice}, {"lr", 0.25}}));
  }
}

}  // namespace
}  // namespace yoake::studies
