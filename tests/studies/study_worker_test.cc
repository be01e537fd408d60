// Several drivers on one study through its store.

#include <gmock/gmock.h>

#include <map>
#include <memory>

#include "studies/study.h"
#include "tests/studies/storage_test_files.h"
#include "tests/studies/study_test_files.h"
#include "tests/support/message_of.h"

namespace yoake::studies {
namespace {

using search::TrialRecord;
using search::TrialState;

using ::testing::HasSubstr;

class StudyWorkerTest : public OnEveryEngine {
 protected:
  void Enter(const nlohmann::json& changes) {
    nlohmann::json study = FakeStudy(changes);
    study["storage"] = Url();
    Recorder recorder;
    EnterStudy(ParseStudy(study), recorder);
  }

  RunnerEnd Work(const std::string& name, std::optional<int> count = std::nullopt, double grace_s = 2) {
    RunnerOptions options = Impatient();
    options.count = count;
    options.attendance = {.beat_s = grace_s / 4,
                          .stale = {.grace_s = grace_s, .retries = 5, .attempt_attrs = {}}};
    Recorder recorder;
    return WorkOnStudy(Url(), "fake", {}, folder() / name, {"yoake test", "worker"}, recorder, options);
  }

  std::vector<TrialRecord> Stored() { return OpenStorage(Url())->ReadHistory("fake").trials; }

  std::map<TrialState, int> Counts() { return OpenStorage(Url())->ReadStudy("fake").trials; }
};
INSTANTIATE_ON_EVERY_ENGINE(StudyWorkerTest);

TEST_P(StudyWorkerTest, WorkersShareTheTrialsOfEveryCombinationEvenly) {
  Enter({{"trials", 4}, {"variants", {{"speed", {{"slow", {{"threads", 1}}}, {"fast", {{"threads", 2}}}}}}}});
  std::vector<std::unique_ptr<Driver>> drivers;
  for (const char* name : {"a", "b", "c"}) {
    drivers.push_back(std::make_unique<Driver>([this, name] { return Work(name); }));
  }
  for (auto& driver : drivers) EXPECT_EQ(driver->Wait(), 0);
  std::map<std::string, int> variants;
  for (const TrialRecord& trial : Stored()) {
    EXPECT_EQ(trial.state, TrialState::kComplete);
    ++variants[trial.user_attrs.at("variant").at("speed").get<std::string>()];
  }
  EXPECT_EQ(variants, (std::map<std::string, int>{{"fast", 4}, {"slow", 4}}));
}

TEST_P(StudyWorkerTest, ACountedWorkerEndsWhenItHasRunItsTrials) {
  Enter({{"trials", 5}});
  const RunnerEnd end = Work("a", 2);
  EXPECT_TRUE(end.counted_out);
  EXPECT_FALSE(end.complete);
  EXPECT_EQ(Counts()[TrialState::kComplete], 2);
  EXPECT_TRUE(Work("b").complete);
  EXPECT_EQ(Counts()[TrialState::kComplete], 5);
}

TEST_P(StudyWorkerTest, TheTrialOfAKilledWorkerRunsAgainElsewhereWithItsParameters) {
  Enter({{"trials", 3}, {"base", {{"epoch_s", 0.3}}}});
  {
    Driver victim([this] { return Work("victim"); });
    ASSERT_TRUE(
        victim.WaitUntil([&] { return Contains(folder() / "victim/trials/0/events.jsonl", "epoch"); }));
    victim.Signal(SIGKILL);
    victim.Wait();
  }
  EXPECT_EQ(Counts()[TrialState::kRunning], 1);
  EXPECT_TRUE(Work("successor").complete);
  const auto trials = Stored();
  ASSERT_EQ(trials.size(), 4U);
  EXPECT_EQ(trials[0].state, TrialState::kFail);
  EXPECT_EQ(trials[0].user_attrs.at("reason"), "interrupted");
  int again = 0;
  for (const TrialRecord& trial : trials) {
    if (trial.number == 0) continue;
    EXPECT_EQ(trial.state, TrialState::kComplete) << trial.number;
    if (!trial.system_attrs.contains("failed_trial")) continue;
    ++again;
    EXPECT_EQ(trial.system_attrs.at("retry_history"), nlohmann::json({0}));
    EXPECT_EQ(trial.params.at("lr").internal, trials[0].params.at("lr").internal);
  }
  EXPECT_EQ(again, 1);
}

TEST_P(StudyWorkerTest, AWorkerWhoseTrialWasGivenAwayLetsItGoAndGoesOn) {
  Enter({{"trials", 2}, {"base", {{"epoch_s", 0.4}}}});
  Driver zombie([this] { return Work("zombie", std::nullopt, /*grace_s=*/40); });
  ASSERT_TRUE(zombie.WaitUntil([&] { return Contains(folder() / "zombie/trials/0/events.jsonl", "epoch"); }));
  const auto other = OpenStorage(Url());
  other->ClaimTrial("fake", 0, "successor");
  other->SetTrialUserAttr("fake", 0, "by", "successor");
  ASSERT_TRUE(
      zombie.WaitUntil([&] { return Contains(folder() / "zombie/trials/1/events.jsonl", "finished"); }));
  other->FinishTrial("fake", 0, TrialState::kComplete, {0.125});
  EXPECT_EQ(zombie.Wait(), 0) << "it waits for the other one's trial, then the study is complete";
  EXPECT_EQ(Stored()[0].values, std::vector<double>{0.125});
  EXPECT_EQ(Stored()[1].state, TrialState::kComplete);
}

TEST_P(StudyWorkerTest, AStudyWithoutATrainerHasNoWork) {
  OpenStorage(Url())->CreateStudy("fake", {search::Direction::kMaximize}, {});
  EXPECT_THAT(MessageOf([&] { Work("a"); }), HasSubstr("remembers no trainer"));
}

}  // namespace
}  // namespace yoake::studies
