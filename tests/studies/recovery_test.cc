// Drivers that are stopped and killed, in processes of their own, and what a resume makes of it.

#include "studies/recovery.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "core/rng.h"
#include "studies/running_trial.h"
#include "tests/studies/study_test_files.h"

namespace yoake::studies {
namespace {

using nlohmann::json;

constexpr int kPatienceMs = 30000;

class RecoveryTest : public testing::Test {
 protected:
  std::filesystem::path out() const { return scratch_.path() / "out"; }
  std::filesystem::path trial(int number) const { return StudyFolder(out()).trial(number); }
  std::string Events(int number) const { return ReadFile(trial(number) / "events.jsonl"); }
  bool Reached(int number, int epoch) const {
    return Contains(trial(number) / "events.jsonl", "\"epoch\": " + std::to_string(epoch) + ",");
  }

  ScratchFolder scratch_;
};

const json kSlow = {{"base", {{"epochs", 10}, {"epoch_s", 0.05}}}};

std::map<int, json> Finished(const std::filesystem::path& out) {
  std::map<int, json> finished;
  for (const json& trial : Trials(out)) {
    if (trial["state"] != "RUNNING") finished[trial["number"]] = trial;
  }
  return finished;
}

TEST_F(RecoveryTest, OneSignalLetsTrialsWriteTheirCheckpointAndResumeGoesOnFromIt) {
  Driver driver([&] { return RunFake(FakeStudy(kSlow), out()); });
  ASSERT_TRUE(driver.WaitUntil([&] { return Reached(0, 3); }));
  driver.Signal(SIGINT);
  ASSERT_TRUE(driver.EndsWithin(kPatienceMs));
  EXPECT_EQ(driver.Wait(), 1);
  EXPECT_EQ(Trials(out())[0]["state"], "RUNNING");
  EXPECT_TRUE(Contains(trial(0) / "events.jsonl", "interrupted"));

  EXPECT_TRUE(ResumeFake(out()).complete);
  const json results = Results(out());
  EXPECT_EQ(results["trials"].size(), 2u);
  EXPECT_EQ(results["trials"][0]["attempts"], 2);
  EXPECT_EQ(results["trials"][0]["curve"].size(), 10u);
  EXPECT_EQ(Count(Events(0), "\"epoch\": 3,"), 1) << "epochs behind the checkpoint are not trained again";
}

TEST_F(RecoveryTest, TwoSignalsKillTrialsThatAreDeaf) {
  Driver driver([&] {
    Recorder recorder;
    return RunStudy(ParseStudy(FakeStudy({{"base", {{"mode", "hang"}}}})), out(), {}, recorder,
                    {.grace_s = 1000});
  });
  ASSERT_TRUE(driver.WaitUntil([&] { return Reached(0, 1); }));
  driver.Signal(SIGINT);
  EXPECT_FALSE(driver.EndsWithin(300)) << "the trial is deaf and has its grace";
  driver.Signal(SIGINT);
  ASSERT_TRUE(driver.EndsWithin(kPatienceMs));
  EXPECT_EQ(driver.Wait(), 1);
  EXPECT_EQ(Trials(out())[0]["state"], "RUNNING");
}

TEST_F(RecoveryTest, StopAsksTheDriverOfAFolder) {
  Driver driver([&] { return RunFake(FakeStudy(kSlow), out()); });
  ASSERT_TRUE(driver.WaitUntil([&] { return Reached(0, 1); }));
  EXPECT_TRUE(StopStudy(out()));
  EXPECT_EQ(driver.Wait(), 1);
  EXPECT_FALSE(StopStudy(out())) << "nothing drives it now";
}

TEST_F(RecoveryTest, ASecondDriverIsRefused) {
  Driver driver([&] { return RunFake(FakeStudy(kSlow), out()); });
  ASSERT_TRUE(driver.WaitUntil([&] { return Reached(0, 1); }));
  EXPECT_THROW(ResumeFake(out()), Error);
  EXPECT_THROW(RunFake(FakeStudy(kSlow), out()), Error);
}

// The promise: kill -9 at any time loses nothing that was finished, doubles nothing, and leaves no process.
TEST_F(RecoveryTest, KilledAtRandomMomentsNothingIsLostAndNothingRunsTwice) {
  const json study =
      FakeStudy({{"trials", 3},
                 {"devices", "cpu:2"},
                 {"base", {{"epochs", 5}, {"epoch_s", 0.02}}},
                 {"variants", {{"d", {{"a", json::object()}, {"b", {{"mode", "crash_once"}}}}}}}});
  RandomStream moments(11);
  std::map<int, json> kept;
  bool created = false;
  for (int kill = 0; kill < 8; ++kill) {
    Driver driver([&] { return created ? ResumeFake(out()) : RunFake(study, out()); });
    driver.EndsWithin(static_cast<int>(moments.Int(1, 500)));
    driver.Signal(SIGKILL);
    driver.Wait();
    created = std::filesystem::exists(out() / "study.json");
    const std::map<int, json> now = Finished(out());
    for (const auto& [number, trial] : kept) {
      ASSERT_TRUE(now.contains(number));
      EXPECT_EQ(now.at(number), trial);
    }
    kept = now;
  }
  ASSERT_TRUE(ResumeFake(out()).complete);
  const json trials = Trials(out());
  ASSERT_EQ(trials.size(), 6u);
  std::set<std::string> configurations;
  for (const json& trial : trials) {
    EXPECT_EQ(trial["state"], "COMPLETE");
    EXPECT_EQ(trial["values"][0], trial["params"]["lr"]);
    configurations.insert(trial["params"].dump() + trial["variant"].dump());
    EXPECT_EQ(Count(Events(trial["number"]), "\"finished\""), 1);
    if (kept.contains(trial["number"])) {
      EXPECT_EQ(kept.at(trial["number"]), trial);
    }
  }
  EXPECT_EQ(configurations.size(), 6u);
  EXPECT_EQ(Results(out())["trials"].size(), 6u);
}

TEST_F(RecoveryTest, AKilledAndResumedStudySuggestsWhatAnUninterruptedOneWould) {
  const json study = FakeStudy({{"trials", 5}, {"sampler", {{"type", "tpe"}, {"n_startup_trials", 2}}}});
  ASSERT_TRUE(RunFake(study, scratch_.path() / "whole").complete);
  {
    Driver driver([&] { return RunFake(study, out()); });
    ASSERT_TRUE(driver.WaitUntil([&] { return Finished(out()).size() >= 2; }));
    driver.Signal(SIGKILL);
  }
  ASSERT_TRUE(ResumeFake(out()).complete);
  const json whole = Trials(scratch_.path() / "whole"), resumed = Trials(out());
  ASSERT_EQ(whole.size(), resumed.size());
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(whole[i]["params"], resumed[i]["params"]) << i;
}

TEST_F(RecoveryTest, ATrialThatHadFinishedIsTakenFromItsFile) {
  {
    Driver driver([&] { return RunFake(FakeStudy(kSlow), out()); });
    ASSERT_TRUE(driver.WaitUntil([&] { return Reached(0, 2); }));
    driver.Signal(SIGKILL);
  }
  EndLeftovers(StudyFolder(out()), 0);
  std::ofstream(trial(0) / "events.jsonl", std::ios::app)
      << "\n{\"event\":\"finished\",\"metrics\":{\"mAP\":0.75}}\n{\"event\":\"torn";
  ASSERT_TRUE(ResumeFake(out()).complete);
  const json trials = Results(out())["trials"];
  EXPECT_EQ(trials[0]["value"], 0.75);
  EXPECT_EQ(trials[0]["attempts"], 1) << "not run again";
  EXPECT_EQ(trials[1]["value"], trials[1]["params"]["lr"]);
}

}  // namespace
}  // namespace yoake::studies
