#include "studies/ask_tell.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/json_reader.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

using search::TrialRecord;
using search::TrialState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const char kSpace[] = R"({
  "lr": {"type": "float", "low": 1e-4, "high": 0.1, "log": true},
  "loss": {"type": "categorical", "choices": ["Focal", "CrossEntropy"]},
  "gamma": {"type": "float", "low": 0.5, "high": 4, "when": {"loss": ["Focal"]}},
  "batch": {"type": "int", "low": 4, "high": 32, "step": 4}})";

class AskTellTest : public OnEveryEngine {
 protected:
  void SetUp() override {
    OnEveryEngine::SetUp();
    if (IsSkipped()) return;
    storage_ = OpenStorage(Url());
    options_.space = nlohmann::json::parse(kSpace);
    options_.directions = {search::Direction::kMaximize};
  }

  TrialRecord AskAgain() { return Ask(*storage_, "s", {}); }

  std::string MessageOf(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      EXPECT_EQ(ExitCode(error.kind()), 2) << error.what();
      return error.what();
    }
    return "no error";
  }

  search::ParamSet Fixed(const nlohmann::json& values) {
    const nlohmann::json json = nlohmann::json::parse(kSpace);
    const search::SearchSpace space = search::ParseSearchSpace(JsonReader(json, "space"));
    search::ParamSet params;
    for (const auto& [name, value] : values.items()) {
      params[name] = search::FromExternal(space.Find(name)->distribution, value);
    }
    return params;
  }

  std::unique_ptr<Storage> storage_;
  AskOptions options_;
};

TEST_P(AskTellTest, TheFirstAskMakesAStudyThatLaterAsksNeedNotDescribe) {
  options_.sampler = {{"type", "tpe"}, {"n_startup_trials", 3}};
  options_.seed = 7;
  EXPECT_EQ(Ask(*storage_, "s", options_).number, 0);
  for (int number = 1; number < 12; ++number) {
    const TrialRecord trial = AskAgain();
    EXPECT_EQ(trial.number, number);
    EXPECT_EQ(trial.params.contains("gamma"), search::ExternalValue(trial.params.at("loss")) == "Focal");
    Tell(*storage_, "s", number, {TrialState::kComplete, {trial.params.at("lr").internal}, ""});
    EXPECT_EQ(search::ExternalValues(storage_->ReadTrial("s", number).params),
              search::ExternalValues(trial.params));
  }
  EXPECT_EQ(Ask(*storage_, "s", options_).number, 12);  // The same again is fine.
}

TEST_P(AskTellTest, SameSeedSameSuggestions) {
  const auto run = [&](const std::string& study, std::uint64_t seed) {
    std::vector<std::string> params;
    options_.seed = seed;
    for (int number = 0; number < 15; ++number) {
      const TrialRecord trial = Ask(*storage_, study, options_);
      Tell(*storage_, study, number, {TrialState::kComplete, {trial.params.at("lr").internal}, ""});
      params.push_back(search::ExternalValues(trial.params).dump());
    }
    return params;
  };
  const auto first = run("a", 1);
  EXPECT_EQ(run("b", 1), first);
  EXPECT_NE(run("c", 2), first);
}

TEST_P(AskTellTest, EnqueuedParametersStayAndTheRestIsSuggestedToFit) {
  Ask(*storage_, "s", options_);
  for (const char* loss : {"Focal", "CrossEntropy"}) {
    for (int i = 0; i < 5; ++i) storage_->EnqueueTrial("s", Fixed({{"loss", loss}, {"gamma", 2.0}}), {});
  }
  for (int i = 0; i < 10; ++i) {
    const TrialRecord trial = AskAgain();
    EXPECT_EQ(search::ExternalValue(trial.params.at("loss")), i < 5 ? "Focal" : "CrossEntropy");
    EXPECT_EQ(trial.params.contains("gamma"), i < 5);
    if (i < 5) {
      EXPECT_EQ(trial.params.at("gamma").internal, 2.0);
    }
    EXPECT_TRUE(trial.params.contains("lr") && trial.params.contains("batch"));
    const TrialRecord stored = storage_->ReadTrial("s", trial.number);
    EXPECT_EQ(search::ExternalValues(stored.params), search::ExternalValues(trial.params));
    EXPECT_EQ(stored.params.at("loss").distribution, Fixed({{"loss", "Focal"}}).at("loss").distribution);
  }
}

TEST_P(AskTellTest, AFixedLeafOfAChoiceThatIsSampledCountsWhereItExists) {
  Ask(*storage_, "s", options_);
  std::set<bool> seen;
  for (int i = 0; i < 12; ++i) {
    storage_->EnqueueTrial("s", Fixed({{"gamma", 3.5}}), {});
    const TrialRecord trial = AskAgain();
    const bool focal = search::ExternalValue(trial.params.at("loss")) == "Focal";
    EXPECT_EQ(trial.params.contains("gamma"), focal);
    if (focal) {
      EXPECT_EQ(trial.params.at("gamma").internal, 3.5);
    }
    seen.insert(focal);
  }
  EXPECT_EQ(seen.size(), 2U);
}

TEST_P(AskTellTest, EverythingFixedNeedsNoSampler) {
  Ask(*storage_, "s", options_);
  const nlohmann::json all = {{"lr", 0.01}, {"loss", "CrossEntropy"}, {"batch", 8}};
  storage_->EnqueueTrial("s", Fixed(all), {});
  EXPECT_EQ(search::ExternalValues(AskAgain().params), all);
}

TEST_P(AskTellTest, AnEnqueuedTrialThatDoesNotFitFailsWithItsReasonAndTheNextOneRuns) {
  Ask(*storage_, "s", options_);
  storage_->EnqueueTrial("s", {{"lr", {search::FloatDistribution{0, 10, false, {}}, 5.0}}}, {});
  storage_->EnqueueTrial("s", {{"lrr", {search::FloatDistribution{0, 10, false, {}}, 5.0}}}, {});
  EXPECT_EQ(AskAgain().number, 3);
  EXPECT_EQ(storage_->ReadTrial("s", 1).state, TrialState::kFail);
  EXPECT_THAT(storage_->ReadTrial("s", 1).user_attrs.at("reason").get<std::string>(),
              HasSubstr("'lr' of trial 1"));
  EXPECT_THAT(storage_->ReadTrial("s", 2).user_attrs.at("reason").get<std::string>(),
              HasSubstr("did you mean 'lr'?"));
}

TEST_P(AskTellTest, WrongAsksStartNothing) {
  const auto ask = [&](const AskOptions& options, const std::string& study = "s") {
    return MessageOf([&] { Ask(*storage_, study, options); });
  };
  EXPECT_THAT(ask({}), HasSubstr("needs --space"));
  AskOptions wrong = options_;
  wrong.space = nlohmann::json{{"lr", {{"type", "flaot"}, {"low", 0}, {"high", 1}}}};
  EXPECT_THAT(ask(wrong), HasSubstr("did you mean 'float'?"));
  wrong = options_;
  wrong.sampler = "tpee";
  EXPECT_THAT(ask(wrong), HasSubstr("did you mean 'tpe'?"));
  EXPECT_THAT(storage_->Studies(), ::testing::IsEmpty());

  Ask(*storage_, "s", options_);
  AskOptions other;
  other.seed = 5;
  EXPECT_THAT(ask(other), HasSubstr("yoake:seed 0, not 5"));
  other = {};
  other.directions = {search::Direction::kMinimize};
  EXPECT_THAT(ask(other), HasSubstr("the direction [\"maximize\"]"));
  EXPECT_THAT(ask({}, "t"), HasSubstr("did you mean 's'?"));
  EXPECT_EQ(storage_->ReadHistory("s").trials.size(), 1U);
}

TEST_P(AskTellTest, AStudyOfOptunaIsAskedAfterASpaceWasGivenOnce) {
  storage_->CreateStudy("s", {search::Direction::kMaximize}, {});
  storage_->StartTrial("s");
  EXPECT_THAT(MessageOf([&] { AskAgain(); }), HasSubstr("give it once with --space"));
  EXPECT_EQ(Ask(*storage_, "s", options_).number, 1);
  EXPECT_EQ(AskAgain().number, 2);
}

TEST_P(AskTellTest, TellEveryOutcome) {
  for (int number = 0; number < 6; ++number) Ask(*storage_, "s", options_);
  constexpr double kInf = std::numeric_limits<double>::infinity();
  EXPECT_THAT(Tell(*storage_, "s", 0, {TrialState::kComplete, {0.5}, ""}).values, ElementsAre(0.5));
  EXPECT_THAT(Tell(*storage_, "s", 1, {TrialState::kComplete, {kInf}, ""}).values, ElementsAre(kInf));
  const TrialRecord nan = Tell(*storage_, "s", 2, {TrialState::kComplete, {std::nan("")}, ""});
  EXPECT_EQ(nan.state, TrialState::kFail);
  EXPECT_EQ(nan.user_attrs.at("reason"), "the value is NaN");
  EXPECT_EQ(Tell(*storage_, "s", 3, {TrialState::kFail, {}, "out of memory"}).user_attrs.at("reason"),
            "out of memory");
  storage_->Report("s", 4, 1, 0.1);
  storage_->Report("s", 4, 2, 0.2);
  EXPECT_THAT(Tell(*storage_, "s", 4, {TrialState::kPruned, {}, ""}).values, ElementsAre(0.2));
  EXPECT_EQ(Tell(*storage_, "s", 5, {TrialState::kPruned, {}, ""}).state, TrialState::kPruned);

  const auto tell = [&](const std::string& study, int number) {
    return MessageOf([&] { Tell(*storage_, study, number, {TrialState::kComplete, {1}, "late"}); });
  };
  EXPECT_THAT(tell("s", 0), HasSubstr("COMPLETE already"));
  EXPECT_THAT(tell("s", 6), HasSubstr("no trial 6"));
  EXPECT_THAT(tell("x", 0), HasSubstr("no study 'x'"));
  EXPECT_FALSE(storage_->ReadTrial("s", 0).user_attrs.contains("reason"));
}

TEST_P(AskTellTest, KeepChoosesWhatTheSamplerSees) {
  // A sampler that tells how many trials it was shown.
  struct Counting final : search::Sampler {
    search::Suggestion Suggest(const search::SearchSpace&, const search::History& history, int,
                               RandomStream) const override {
      shown = static_cast<int>(history.trials.size());
      return {{{"x", {search::FloatDistribution{}, 0.5}}}, {{"seen", shown}}};
    }
    mutable int shown = -1;
  };
  storage_->CreateStudy("c", {search::Direction::kMinimize}, {});
  const search::SearchSpace space({{"x", search::FloatDistribution{}, {}}});
  const Counting sampler;
  for (int i = 0; i < 4; ++i) AskTrial(*storage_, "c", space, sampler, 0);
  EXPECT_EQ(sampler.shown, 3);  // Not the trial itself.
  const TrialRecord trial = AskTrial(*storage_, "c", space, sampler, 0,
                                     [](const TrialRecord& other) { return other.number % 2 == 0; });
  EXPECT_EQ(sampler.shown, 2);
  EXPECT_EQ(storage_->ReadTrial("c", trial.number).system_attrs.at("seen"), 2);
}

INSTANTIATE_ON_EVERY_ENGINE(AskTellTest);

}  // namespace
}  // namespace yoake::studies
