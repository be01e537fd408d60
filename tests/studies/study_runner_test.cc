// Whole studies, driven in this process.

#include "studies/study_runner.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <set>

#include "tests/studies/study_test_files.h"
#include "tests/support/message_of.h"

namespace yoake::studies {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char kTruth[] = R"({"images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 100}],
  "categories": [{"id": 1, "name": "person"}],
  "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0}]})";

class StudyRunnerTest : public testing::Test {
 protected:
  std::filesystem::path out() const { return scratch_.path() / "out"; }
  std::string Truth() const {
    const auto file = scratch_.path() / "truth.json";
    WriteFileAtomically(file, kTruth);
    return file.string();
  }

  ScratchFolder scratch_;
};

TEST_F(StudyRunnerTest, EveryCombinationIsSearchedAndScored) {
  const json study = FakeStudy({{"devices", "cpu:2"},
                                {"tests", {{"night", Truth()}}},
                                {"variants",
                                 {{"dataset", {{"day", json::object()}, {"both", {{"epochs", 2}}}}},
                                  {"loss", {{"a", json::object()}, {"b", {{"lr", 0.25}}}}}}}});
  Recorder recorder;
  const RunnerEnd end = RunFake(study, out(), &recorder);
  EXPECT_TRUE(end.complete) << end.why;
  EXPECT_EQ(recorder.notes.size(), 8u);
  EXPECT_EQ(recorder.last.total, 8);

  const json trials = Trials(out());
  ASSERT_EQ(trials.size(), 8u);
  std::map<std::string, int> each;
  for (const json& trial : trials) {
    EXPECT_EQ(trial["state"], "COMPLETE");
    EXPECT_EQ(trial["values"][0], trial["params"]["lr"]);
    EXPECT_NEAR(trial["tests"]["night"]["mAP"].get<double>(), 1, 1e-12);
    ++each[trial["variant"].dump()];
  }
  EXPECT_EQ(each.size(), 4u);
  for (const auto& [variant, count] : each) EXPECT_EQ(count, 2) << variant;
  EXPECT_EQ(trials[0]["params"], trials[1]["params"]) << "combinations start on equal terms";

  const json results = Results(out());
  EXPECT_EQ(results["schema"], 1);
  EXPECT_TRUE(results["complete"]);
  EXPECT_EQ(results["factors"], json::parse(R"({"dataset": ["both", "day"], "loss": ["a", "b"]})"));
  EXPECT_EQ(results["provenance"]["trainer"], "fake 1.0");
  EXPECT_EQ(results["provenance"]["slots"], json({"cpu:0", "cpu:1"}));
  EXPECT_EQ(results["provenance"]["datasets"][0]["sha256"].get<std::string>().size(), 64u);
  EXPECT_TRUE(results["provenance"]["slot_idle_seconds"]["median"].is_number());
  std::set<json> seeds;
  for (const json& trial : results["trials"]) {
    EXPECT_EQ(trial["curve"].size(), trial["epochs"]);
    EXPECT_EQ(trial["tests"]["night"]["per_category"][0]["category"], "person");
    seeds.insert(trial["config"]["seed"]);
  }
  EXPECT_EQ(seeds.size(), 8u);
}

TEST_F(StudyRunnerTest, EveryWayToFailIsAValueAndTheStudyGoesOn) {
  struct Expectation {
    std::string state, reason;
    int attempts;
    std::string message;
  };
  const std::map<std::string, Expectation> modes = {
      {"ok", {"COMPLETE", "", 1, ""}},
      {"crash", {"FAIL", "crashed", 2, "exit code 3; its log ends: the fake trainer crashes"}},
      {"crash_once", {"COMPLETE", "", 2, ""}},
      {"kill", {"FAIL", "crashed", 2, "killed by signal 9"}},
      {"diverge", {"FAIL", "diverged", 1, "the loss is nan"}},
      {"oom", {"FAIL", "out_of_memory", 1, "80 GB"}},
      {"data", {"FAIL", "data", 1, "image 7"}},
      {"silent", {"FAIL", "crashed", 2, "without a last word"}},
      {"garbage", {"COMPLETE", "", 1, ""}},
      {"undefined", {"FAIL", "data", 1, "undefined"}},
      {"child", {"COMPLETE", "", 1, ""}},
      {"notice", {"COMPLETE", "", 1, ""}},
  };
  json variants = json::object();
  for (const auto& [mode, unused] : modes) variants["mode"][mode] = {{"mode", mode}};
  const RunnerEnd end =
      RunFake(FakeStudy({{"trials", 1}, {"devices", "cpu:2"}, {"variants", variants}}), out());
  EXPECT_TRUE(end.complete) << end.why;

  const json results = Results(out());
  ASSERT_EQ(results["trials"].size(), modes.size());
  for (const json& trial : results["trials"]) {
    const std::string mode = trial["variant"]["mode"];
    const Expectation& expected = modes.at(mode);
    EXPECT_EQ(trial["state"], expected.state) << mode;
    EXPECT_EQ(trial["reason"].is_null() ? "" : trial["reason"], expected.reason) << mode;
    EXPECT_EQ(trial["attempts"], expected.attempts) << mode;
    if (!expected.message.empty()) {
      EXPECT_THAT(trial["message"].get<std::string>(), HasSubstr(expected.message));
    }
    EXPECT_EQ(trial["value"].is_number(), expected.state == "COMPLETE") << mode;
    if (mode == "garbage") {
      EXPECT_EQ(trial["warnings"].size(), 4u) << trial["warnings"];
    }
    if (mode == "notice") {
      EXPECT_EQ(trial["warnings"], json({"memory: 612 of 700 MB, batch 4 instead of 8"}));
    }
  }
}

TEST_F(StudyRunnerTest, TheBestAreRunAgainWithOtherSeedsAndNeverPruned) {
  const json study = FakeStudy({{"trials", 4},
                                {"base", {{"noise", 0.1}}},
                                {"pruner", {{"type", "median"}, {"n_startup_trials", 4}}},
                                {"confirm", {{"best", 2}, {"seeds", 3}}}});
  Recorder recorder;
  EXPECT_TRUE(RunFake(study, out(), &recorder).complete);
  const json results = Results(out());
  const json& trials = results["trials"];
  ASSERT_GT(trials.size(), 6u);
  ASSERT_LE(trials.size(), 8u);
  EXPECT_EQ(recorder.last.total, trials.size());
  EXPECT_EQ(recorder.last.ended, recorder.last.total);
  std::set<json> searched, seeds;
  for (const json& trial : trials) {
    EXPECT_EQ(trial["state"], "COMPLETE") << trial["number"];
    seeds.insert(trial["config"]["seed"]);
    if (trial["number"] < 4) searched.insert(trial["params"]);
    EXPECT_TRUE(searched.contains(trial["params"])) << trial["number"];
  }
  EXPECT_EQ(seeds.size(), trials.size());
  EXPECT_THAT(recorder.notes.back().label, HasSubstr("confirms "));
  EXPECT_GT(results["standings"][0]["runs"].size(), 1u);
  EXPECT_GT(results["standings"][0]["standard_error"], 0);
  EXPECT_TRUE(ResumeFake(out()).complete);
  EXPECT_EQ(Results(out())["trials"].size(), trials.size());
}

TEST_F(StudyRunnerTest, AHangingTrialTimesOutAlthoughItIsDeaf) {
  const json study = FakeStudy({{"trials", 1}, {"trial_timeout", 1.5}, {"base", {{"mode", "hang"}}}});
  EXPECT_TRUE(RunFake(study, out()).complete);
  const json trial = Results(out())["trials"][0];
  EXPECT_EQ(trial["reason"], "timed_out");
  EXPECT_EQ(trial["attempts"], 1);
}

TEST_F(StudyRunnerTest, ATrialThatHasReportedItsLastEpochIsNotPrunedForAnEarlierOne) {
  const json study = FakeStudy({{"trials", 8},
                                {"base", {{"epochs", 5}}},
                                {"sampler", "random"},
                                {"pruner", {{"type", "median"}, {"n_startup_trials", 1}}}});
  EXPECT_TRUE(RunFake(study, out()).complete);
  const json results = Results(out());
  for (const json& trial : results["trials"]) {
    EXPECT_EQ(trial["state"] == "PRUNED", trial["epochs"] < 5) << trial["number"];
  }
}

TEST_F(StudyRunnerTest, TrialsWorseThanTheMedianArePruned) {
  const json study =
      FakeStudy({{"trials", 6},
                 {"base", {{"epochs", 40}, {"epoch_s", 0.01}}},
                 {"sampler", "random"},
                 {"pruner", {{"type", "median"}, {"n_startup_trials", 1}, {"n_warmup_steps", 2}}}});
  EXPECT_TRUE(RunFake(study, out()).complete);
  int pruned = 0;
  const json results = Results(out());
  for (const json& trial : results["trials"]) {
    if (trial["state"] != "PRUNED") continue;
    ++pruned;
    EXPECT_LT(trial["epochs"], 40);
    EXPECT_EQ(trial["value"], trial["curve"].back()["metrics"]["mAP"]);
    EXPECT_TRUE(trial["reason"].is_null());
    EXPECT_FALSE(trial["message"].get<std::string>().empty());
  }
  EXPECT_GE(pruned, 1);
}

TEST_F(StudyRunnerTest, TrialsThatAllFailAtTheStartEndTheStudy) {
  const json study = FakeStudy({{"trials", 20}, {"retries", 0}, {"base", {{"mode", "start_crash"}}}});
  const RunnerEnd end = RunFake(study, out());
  EXPECT_TRUE(end.failed);
  EXPECT_FALSE(end.complete);
  EXPECT_THAT(end.why, testing::AllOf(HasSubstr("3 trials failed"), HasSubstr("no module named detector")));
  EXPECT_EQ(Trials(out()).size(), 3u);
}

TEST_F(StudyRunnerTest, AfterTheStudysTimeoutNoTrialBegins) {
  const json study = FakeStudy({{"trials", 1000}, {"timeout", 0.4}});
  const RunnerEnd end = RunFake(study, out());
  EXPECT_FALSE(end.complete);
  EXPECT_FALSE(end.interrupted);
  EXPECT_THAT(end.why, HasSubstr("timeout of 0.4s"));
  const json trials = Trials(out());
  EXPECT_LT(trials.size(), 1000u);
  for (const json& trial : trials) EXPECT_EQ(trial["state"], "COMPLETE");
}

TEST_F(StudyRunnerTest, ATerminatorEndsTheSearchAndTheStudySaysWhy) {
  const json study = FakeStudy({{"trials", 5}, {"terminator", {{"type", "wall_clock"}, {"hours", 1e-9}}}});
  Recorder recorder;
  const RunnerEnd end = RunFake(study, out(), &recorder);
  EXPECT_TRUE(end.complete);
  EXPECT_THAT(end.why, HasSubstr("hours have passed since the first trial began"));
  EXPECT_EQ(Trials(out()).size(), 1U);
  EXPECT_THAT(recorder.notices, Contains(HasSubstr("the search ends: ")));
  const json ended = json::array({{{"variant", json::object()}, {"reason", end.why}}});
  EXPECT_EQ(Results(out())["terminated"], ended);
  const StudyFolder folder(out());
  const auto history = OpenStorage(folder.storage_url())->ReadHistory("fake");
  EXPECT_EQ(StatusJson("fake", history, &folder)["terminated"], ended);
  ResumeOptions more;
  more.trials = 9;
  EXPECT_EQ(ResumeFake(out(), more).why, end.why);  // It stops again.
  EXPECT_EQ(Trials(out()).size(), 1U);
}

TEST_F(StudyRunnerTest, ATestWithoutDetectionsIsAWarning) {
  json study = FakeStudy({{"trials", 1}, {"tests", {{"night", Truth()}}}});
  study["space"]["tests"] = {{"type", "categorical"}, {"choices", {"none"}}};
  EXPECT_TRUE(RunFake(study, out()).complete);
  const json trial = Results(out())["trials"][0];
  EXPECT_EQ(trial["state"], "COMPLETE");
  EXPECT_THAT(trial["warnings"].dump(), HasSubstr("'night' has no score"));
}

TEST_F(StudyRunnerTest, AProgramThatDoesNotExistFailsEachTrialWithItsName) {
  const RunnerEnd end =
      RunFake(FakeStudy({{"trainer", {{"command", {"no-such-trainer"}}}}, {"trials", 5}}), out());
  EXPECT_TRUE(end.failed);
  EXPECT_THAT(end.why, HasSubstr("no-such-trainer"));
}

TEST_F(StudyRunnerTest, AFinishedStudyIsNotRunTwice) {
  RunFake(FakeStudy(), out());
  const json before = Results(out())["trials"];
  EXPECT_THAT(MessageOf([&] { RunFake(FakeStudy(), out()); }), HasSubstr("yoake study resume"));
  EXPECT_TRUE(ResumeFake(out()).complete);
  EXPECT_EQ(Results(out())["trials"], before);
  ResumeOptions more;
  more.trials = 3;
  EXPECT_TRUE(ResumeFake(out(), more).complete);
  EXPECT_EQ(Trials(out()).size(), 3u);
  EXPECT_EQ(Results(out())["trials"][1], before[1]);
}

TEST_F(StudyRunnerTest, WhatIsWrongIsSaidBeforeADeviceIsTaken) {
  const auto message = [&](const json& changes) {
    return MessageOf([&] { RunFake(FakeStudy(changes), out()); });
  };
  EXPECT_THAT(message({{"space", {{"optimizer.lr", {{"type", "float"}, {"low", 0}, {"high", 1}}}}}}),
              testing::AllOf(HasSubstr("$.space.optimizer.lr"), HasSubstr("no 'optimizer'")));
  EXPECT_THAT(message({{"tests", {{"night", "/nowhere/truth.json"}}}}),
              testing::AllOf(HasSubstr("$.tests.night"), HasSubstr("/nowhere/truth.json")));
  EXPECT_THAT(message({{"tests", {{"night", "${YOAKE_UNSET_VARIABLE}/x"}}}}),
              HasSubstr("YOAKE_UNSET_VARIABLE"));
  EXPECT_FALSE(std::filesystem::exists(out())) << "a refused study leaves nothing behind";
}

TEST_F(StudyRunnerTest, AFolderThatCannotBeMadeIsNamed) {
  WriteFileAtomically(scratch_.path() / "file", "x");
  EXPECT_THAT(MessageOf([&] { RunFake(FakeStudy(), scratch_.path() / "file" / "out"); }),
              HasSubstr("file/out"));
}

// The trainer of our own is asked before it is started; here the fake one stands in for it.
class OwnTrainerTest : public StudyRunnerTest {
 protected:
  OwnTrainerTest() { setenv("YOAKE_TRAINER", FakeTrainer().c_str(), 1); }
  ~OwnTrainerTest() override { unsetenv("YOAKE_TRAINER"); }

  static json Study(const json& changes = json::object()) {
    json study = FakeStudy(changes);
    study.erase("trainer");
    return study;
  }
};

TEST_F(OwnTrainerTest, ItsDefaultsCompleteTheConfigurationBeforeParametersAreSet) {
  const json space = {{"optimizer.momentum", {{"type", "float"}, {"low", 0.991}, {"high", 0.999}}}};
  Recorder recorder;
  EXPECT_TRUE(RunFake(Study({{"space", space}, {"metric", "loss"}}), out(), &recorder).complete);
  EXPECT_THAT(recorder.notices, testing::ElementsAre(HasSubstr("momentum is very high")));
  const json config = Results(out())["trials"][0]["config"];
  EXPECT_EQ(config["optimizer"]["type"], "SGD");
  EXPECT_GT(config["optimizer"]["momentum"], 0.99);
  EXPECT_EQ(config["evaluation"]["metric"], "loss") << "its best checkpoint is chosen by the study's metric";
}

TEST_F(OwnTrainerTest, ItsOwnMessageRefusesAStudy) {
  const json misspelt = {{"optimizer.momentun", {{"type", "float"}, {"low", 0.1}, {"high", 0.9}}}};
  EXPECT_THAT(MessageOf([&] {
                RunFake(Study({{"space", misspelt}}), out());
              }),
              HasSubstr("did you mean 'optimizer.momentum'"));
  EXPECT_THAT(MessageOf([&] {
                RunFake(Study({{"variants", {{"d", {{"x", {{"epoch", 3}}}}}}}}), out());
              }),
              testing::AllOf(HasSubstr("x"), HasSubstr("unknown key 'epoch'")));
  EXPECT_FALSE(std::filesystem::exists(out()));
}

TEST_F(OwnTrainerTest, OneThatIsNotThereIsNamed) {
  setenv("YOAKE_TRAINER", "/nowhere/yoake-trainer", 1);
  EXPECT_THAT(MessageOf([&] { RunFake(Study(), out()); }), HasSubstr("/nowhere/yoake-trainer"));
}

}  // namespace
}  // namespace yoake::studies
