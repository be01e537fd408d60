// What is written is what is read, by the same object and by another one.

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "studies/storage/storage.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

using search::Direction;
using search::TrialRecord;
using search::TrialState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

search::ParamSet AllKinds() {
  return {
      {"log", {search::FloatDistribution{1e-5, 0.1, true, {}}, 0.012345678901234567}},
      {"stepped", {search::FloatDistribution{0, 0.5, false, 0.1}, 0.1 * 3}},
      {"int", {search::IntDistribution{1, 1LL << 40, true, 1}, 1099511627776.0}},
      {"choice",
       {search::CategoricalDistribution{
            {std::string("a \"b\" \xc3\xa9"), std::monostate{}, true, std::int64_t{3}, 2.5}},
        0}},
  };
}

template <typename Work>
std::string MessageOf(Work work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage) << error.what();
    return error.what();
  }
  return "no error";
}

class StorageRoundTripTest : public OnEveryEngine {
 protected:
  void SetUp() override {
    OnEveryEngine::SetUp();
    if (IsSkipped()) return;
    storage_ = OpenStorage(Url());
    storage_->CreateStudy("s", {Direction::kMaximize}, {"mAP"}, {{"made", "by a test"}});
  }
  TrialRecord Reread(int number) { return OpenStorage(Url())->ReadTrial("s", number); }

  std::unique_ptr<Storage> storage_;
};

TEST_P(StorageRoundTripTest, Study) {
  storage_->SetStudyUserAttr("s", "note", {{"deep", {1, 2.5, nullptr, "\xe5\xa4\x9c"}}});
  storage_->SetStudyUserAttr("s", "note", "replaced");
  storage_->SetStudySystemAttr("s", "sys", 1e-5);
  storage_->CreateStudy("two", {Direction::kMinimize, Direction::kMaximize}, {});
  const auto studies = OpenStorage(Url())->Studies();
  ASSERT_THAT(studies, SizeIs(2));
  EXPECT_THAT(studies[0].user_attrs, ElementsAre(Pair("made", "by a test"), Pair("note", "replaced")));
  EXPECT_THAT(studies[0].system_attrs,
              ElementsAre(Pair("study:metric_names", nlohmann::json{"mAP"}), Pair("sys", 1e-5)));
  EXPECT_THAT(studies[1].directions, ElementsAre(Direction::kMinimize, Direction::kMaximize));
  EXPECT_TRUE(storage_->HasStudy("two"));
  EXPECT_FALSE(storage_->HasStudy("three"));
  EXPECT_THAT(MessageOf([&] { storage_->CreateStudy("two", {Direction::kMinimize}, {}); }),
              HasSubstr("already"));
}

TEST_P(StorageRoundTripTest, TrialInEveryDetail) {
  const TrialRecord started = storage_->StartTrial("s");
  EXPECT_EQ(started.number, 0);
  EXPECT_EQ(started.state, TrialState::kRunning);
  storage_->SetParams("s", 0, {AllKinds(), {{"tpe:relative_params:0", R"({"log": 1})"}}});
  const std::map<int, double> reports = {{0, kNan}, {1, kInf}, {2, -kInf}, {3, 0.1 + 0.2}, {7, 5e-324}};
  for (const auto& [step, value] : reports) storage_->Report("s", 0, step, value);
  storage_->Report("s", 0, 3, 99);  // The first report of a step wins.
  storage_->SetTrialUserAttr("s", 0, "text", "line\nbreak \"quoted\" \xe5\xa4\x9c");
  storage_->SetTrialUserAttr("s", 0, "nan", kNan);
  storage_->FinishTrial("s", 0, TrialState::kComplete, {1.0 / 3});

  const TrialRecord read = Reread(0);
  EXPECT_EQ(read.state, TrialState::kComplete);
  EXPECT_THAT(read.values, ElementsAre(1.0 / 3));
  const search::ParamSet expected = AllKinds();
  ASSERT_EQ(read.params.size(), expected.size());
  for (const auto& [name, param] : expected) {
    EXPECT_EQ(read.params.at(name).distribution, param.distribution) << name;
    EXPECT_EQ(read.params.at(name).internal, param.internal) << name;
  }
  ASSERT_EQ(read.intermediate.size(), reports.size());
  EXPECT_TRUE(std::isnan(read.intermediate.at(0)));
  for (int step : {1, 2, 3, 7}) EXPECT_EQ(read.intermediate.at(step), reports.at(step)) << step;
  EXPECT_EQ(read.user_attrs.at("text"), "line\nbreak \"quoted\" \xe5\xa4\x9c");
  EXPECT_EQ(read.user_attrs.at("nan"), "nan");  // Python's bare NaN.
  EXPECT_THAT(read.system_attrs, ElementsAre(Pair("tpe:relative_params:0", R"({"log": 1})")));
  ASSERT_TRUE(read.started_s && read.finished_s);
  EXPECT_EQ(read.started_s, started.started_s);
  EXPECT_LE(*read.started_s, *read.finished_s);
  EXPECT_NEAR(*read.finished_s, static_cast<double>(std::time(nullptr)), 60);
}

TEST_P(StorageRoundTripTest, EndStates) {
  for (int number = 0; number < 5; ++number) storage_->StartTrial("s");
  storage_->FinishTrial("s", 0, TrialState::kComplete, {-kInf});
  storage_->FinishTrial("s", 1, TrialState::kPruned, {0.25});
  storage_->FinishTrial("s", 2, TrialState::kPruned, {});
  storage_->FinishTrial("s", 3, TrialState::kFail, {});
  EXPECT_THAT(Reread(0).values, ElementsAre(-kInf));
  EXPECT_THAT(Reread(1).values, ElementsAre(0.25));
  EXPECT_EQ(Reread(2).state, TrialState::kPruned);
  EXPECT_EQ(Reread(3).state, TrialState::kFail);
  EXPECT_EQ(Reread(4).state, TrialState::kRunning);
  EXPECT_THAT(storage_->ReadStudy("s").trials,
              ElementsAre(Pair(TrialState::kRunning, 1), Pair(TrialState::kComplete, 1),
                          Pair(TrialState::kPruned, 2), Pair(TrialState::kFail, 1)));
}

TEST_P(StorageRoundTripTest, WhatDoesNotFitIsRefusedAndChangesNothing) {
  storage_->StartTrial("s");
  storage_->StartTrial("s");
  storage_->FinishTrial("s", 0, TrialState::kComplete, {1});
  storage_->SetParams("s", 1, {AllKinds(), {}});
  const auto finish = [&](int number, TrialState state, std::vector<double> values) {
    return MessageOf([&] { storage_->FinishTrial("s", number, state, values); });
  };
  EXPECT_THAT(finish(0, TrialState::kFail, {}), HasSubstr("COMPLETE already"));
  EXPECT_THAT(finish(2, TrialState::kFail, {}), HasSubstr("no trial 2; its trials are 0 to 1"));
  EXPECT_THAT(finish(1, TrialState::kComplete, {}), HasSubstr("one value an objective"));
  EXPECT_THAT(finish(1, TrialState::kComplete, {1, 2}), HasSubstr("one value an objective"));
  EXPECT_THAT(finish(1, TrialState::kPruned, {1, 2}), HasSubstr("one value an objective"));
  EXPECT_THAT(finish(1, TrialState::kFail, {1}), HasSubstr("no value"));
  EXPECT_THAT(finish(1, TrialState::kComplete, {kNan}), HasSubstr("NaN"));
  EXPECT_THAT(finish(1, TrialState::kRunning, {}), HasSubstr("RUNNING"));
  EXPECT_THAT(MessageOf([&] { storage_->Report("s", 0, 1, 1); }), HasSubstr("COMPLETE already"));
  EXPECT_THAT(MessageOf([&] { storage_->Report("s", 1, -1, 1); }), HasSubstr("negative"));
  EXPECT_THAT(MessageOf([&] {
                storage_->SetParams("s", 0, {AllKinds(), {}});
              }),
              HasSubstr("COMPLETE already"));
  EXPECT_THAT(MessageOf([&] { storage_->StartTrial("S"); }), HasSubstr("no study 'S'"));
  EXPECT_THAT(MessageOf([&] { storage_->CreateStudy("x", {}, {}); }), HasSubstr("direction"));
  EXPECT_THAT(MessageOf([&] {
                storage_->CreateStudy("x", {Direction::kMinimize}, {"a", "b"});
              }),
              HasSubstr("metric names"));
  EXPECT_EQ(Reread(1).state, TrialState::kRunning);
  EXPECT_FALSE(storage_->HasStudy("x"));
}

TEST_P(StorageRoundTripTest, AParameterKeepsItsKindButMayChangeItsRange) {
  storage_->StartTrial("s");
  storage_->StartTrial("s");
  storage_->SetParams("s", 0, {AllKinds(), {}});
  const auto set = [&](const std::string& name, search::Distribution distribution, double internal) {
    return MessageOf([&] { storage_->SetParams("s", 1, {{{name, {distribution, internal}}}, {}}); });
  };
  EXPECT_EQ(set("log", search::FloatDistribution{1, 2, true, {}}, 1), "no error");
  EXPECT_THAT(set("log", search::FloatDistribution{1, 2, false, {}}, 1), HasSubstr("cannot become"));
  EXPECT_THAT(set("int", search::FloatDistribution{1, 2, true, {}}, 1), HasSubstr("cannot become"));
  EXPECT_THAT(set("choice", search::CategoricalDistribution{{true, false}}, 0), HasSubstr("cannot become"));
}

TEST_P(StorageRoundTripTest, EnqueuedTrialsComeFirstLowestNumberFirst) {
  storage_->StartTrial("s");
  const search::ParamSet fixed = {{"choice", AllKinds().at("choice")}};
  EXPECT_EQ(storage_->EnqueueTrial("s", fixed, {{"why", "retry"}}), 1);
  EXPECT_EQ(storage_->EnqueueTrial("s", {}, {}), 2);
  EXPECT_EQ(Reread(1).state, TrialState::kWaiting);
  EXPECT_FALSE(Reread(1).started_s.has_value());
  EXPECT_THAT(MessageOf([&] { storage_->FinishTrial("s", 1, TrialState::kComplete, {1}); }),
              HasSubstr("WAITING"));
  const TrialRecord first = storage_->StartTrial("s");
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.state, TrialState::kRunning);
  EXPECT_TRUE(first.started_s.has_value());
  EXPECT_EQ(first.system_attrs.at("fixed_params"), nlohmann::json({{"choice", "a \"b\" \xc3\xa9"}}));
  EXPECT_EQ(first.user_attrs.at("why"), "retry");
  storage_->FinishTrial("s", 2, TrialState::kFail, {});  // Taken out of the queue.
  EXPECT_EQ(storage_->StartTrial("s").number, 3);
}

TEST_P(StorageRoundTripTest, HistoryFollowsOtherProcessesAndOwnLateAttributes) {
  const auto other = OpenStorage(Url());
  storage_->StartTrial("s");
  EXPECT_THAT(other->ReadHistory("s").trials, SizeIs(1));
  storage_->FinishTrial("s", 0, TrialState::kComplete, {1});
  storage_->StartTrial("s");
  const auto history = other->ReadHistory("s");
  ASSERT_THAT(history.trials, SizeIs(2));
  EXPECT_EQ(history.trials[0].state, TrialState::kComplete);
  EXPECT_EQ(history.trials[1].state, TrialState::kRunning);
  other->SetTrialUserAttr("s", 0, "late", 1);
  EXPECT_EQ(other->ReadHistory("s").trials[0].user_attrs.at("late"), 1);
}

TEST_P(StorageRoundTripTest, ABriefHistoryHasTheLastReportOfPrunedTrialsOnly) {
  storage_->CreateStudy("other", {Direction::kMinimize}, {});
  for (const char* const study : {"other", "s"}) {
    for (int number = 0; number < 12; ++number) {  // More than are read one by one.
      storage_->StartTrial(study);
      storage_->SetParams(study, number, {AllKinds(), {{"key", number}}});
      for (const int step : {7, 1, 3}) storage_->Report(study, number, step, number + 0.1 * step);
      if (number < 8) storage_->FinishTrial(study, number, TrialState::kPruned, {});
      if (number >= 8 && number < 10) storage_->FinishTrial(study, number, TrialState::kComplete, {1});
    }
  }
  search::History expected = OpenStorage(Url())->ReadHistory("s");
  for (TrialRecord& trial : expected.trials) {
    ASSERT_THAT(trial.intermediate, SizeIs(3));
    trial.intermediate.clear();
    if (trial.number < 8) trial.intermediate[7] = trial.number + 0.1 * 7;
  }
  const auto fresh = OpenStorage(Url());
  const search::History brief = fresh->ReadHistory("s", Reports::kLastOfPruned);
  ASSERT_EQ(brief.trials.size(), expected.trials.size());
  for (std::size_t i = 0; i < brief.trials.size(); ++i) {
    EXPECT_EQ(brief.trials[i].intermediate, expected.trials[i].intermediate) << i;
    EXPECT_EQ(ExternalValues(brief.trials[i].params), ExternalValues(expected.trials[i].params)) << i;
    EXPECT_EQ(brief.trials[i].system_attrs, expected.trials[i].system_attrs) << i;
  }
  EXPECT_THAT(fresh->ReadHistory("s").trials[9].intermediate, SizeIs(3)) << "a brief one is not kept";
}

INSTANTIATE_ON_EVERY_ENGINE(StorageRoundTripTest);

}  // namespace
}  // namespace yoake::studies
