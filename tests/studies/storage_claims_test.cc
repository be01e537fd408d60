// Who runs a trial, who may write into it, and what becomes of trials whose worker has died.

#include <gmock/gmock.h>
#include <unistd.h>

#include "core/error.h"
#include "studies/storage/storage.h"
#include "tests/studies/storage_test_files.h"
#include "tests/support/message_of.h"

namespace yoake::studies {
namespace {

using search::TrialRecord;
using search::TrialState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const search::Distribution kLr = search::FloatDistribution{1e-5, 0.1, true, {}};

class StorageClaimsTest : public OnEveryEngine {
 protected:
  void SetUp() override {
    OnEveryEngine::SetUp();
    if (IsSkipped()) return;
    one_ = OpenStorage(Url());
    one_->CreateStudy("s", {search::Direction::kMinimize}, {});
    two_ = OpenStorage(Url());
  }

  // As if the last heartbeat of every trial had been `seconds` ago.
  void LetTimePass(int seconds) {
    const std::string by = std::to_string(seconds);
    RunSql(Url(), postgresql()
                      ? "UPDATE trial_heartbeats SET heartbeat = heartbeat - INTERVAL '" + by + " s'"
                      : "UPDATE trial_heartbeats SET heartbeat = datetime(heartbeat, '-" + by + " seconds')");
  }

  std::unique_ptr<Storage> one_, two_;
};
INSTANTIATE_ON_EVERY_ENGINE(StorageClaimsTest);

TEST_P(StorageClaimsTest, OnlyTheHolderWritesIntoARunningTrial) {
  EXPECT_EQ(one_->StartTrial("s", {.claim = "host:1:a", .admit = {}})->number, 0);
  EXPECT_EQ(one_->ReadTrial("s", 0).system_attrs.at("yoake:claim"), "host:1:a");
  EXPECT_THAT(MessageOf([&] { two_->Report("s", 0, 1, 0.5); }), HasSubstr("run by 'host:1:a'"));
  EXPECT_THROW(two_->FinishTrial("s", 0, TrialState::kFail, {}), LostClaim);
  one_->Report("s", 0, 1, 0.25);
  one_->FinishTrial("s", 0, TrialState::kComplete, {1});
  EXPECT_THAT(one_->ReadTrial("s", 0).intermediate, ElementsAre(std::pair{1, 0.25}));
  two_->SetTrialUserAttr("s", 0, "late", 1);  // It has ended: anybody may add what he found later.
}

TEST_P(StorageClaimsTest, AZombieCannotWriteIntoATrialThatWasGivenToAnother) {
  one_->StartTrial("s", {.claim = "zombie", .admit = {}});
  two_->ClaimTrial("s", 0, "successor");
  EXPECT_THROW(one_->Report("s", 0, 1, 0.5), LostClaim);
  EXPECT_THROW(one_->SetParams("s", 0, {{{"lr", {kLr, 0.01}}}, {}}), LostClaim);
  EXPECT_THROW(one_->SetTrialUserAttr("s", 0, "a", 1), LostClaim);
  EXPECT_THROW(one_->SetTrialSystemAttr("s", 0, "a", 1), LostClaim);
  EXPECT_THROW(one_->FinishTrial("s", 0, TrialState::kComplete, {1}), LostClaim);
  EXPECT_THAT(one_->BeatTrials("s"), ElementsAre(0));
  two_->FinishTrial("s", 0, TrialState::kComplete, {2});
  EXPECT_THROW(one_->SetTrialUserAttr("s", 0, "a", 1), LostClaim) << "not even after its end";
  const TrialRecord trial = OpenStorage(Url())->ReadTrial("s", 0);
  EXPECT_THAT(trial.values, ElementsAre(2));
  EXPECT_THAT(trial.intermediate, IsEmpty());
  EXPECT_THAT(trial.user_attrs, IsEmpty());
  EXPECT_THAT(MessageOf([&] { one_->ClaimTrial("s", 0, "x"); }), HasSubstr("COMPLETE, not RUNNING"));
}

TEST_P(StorageClaimsTest, AStaleTrialFailsAndIsQueuedAgainAsOptunaWritesIt) {
  one_->StartTrial("s", {.claim = "dead", .admit = {}});
  one_->SetParams("s", 0, {{{"lr", {kLr, 0.01}}}, {{"completed_rung_0", 0.5}}});
  one_->SetTrialUserAttr("s", 0, "variant", {{"loss", "focal"}});
  one_->SetTrialUserAttr("s", 0, "attempts", 1);
  one_->Report("s", 0, 1, 0.5);
  StaleRule rule{.grace_s = 60, .retries = 2, .attempt_attrs = {"attempts"}};
  EXPECT_THAT(two_->FailStaleTrials("s", rule), IsEmpty());
  LetTimePass(61);
  const auto stale = two_->FailStaleTrials("s", rule);
  ASSERT_THAT(stale, SizeIs(1));
  EXPECT_EQ(stale[0].number, 0);
  EXPECT_EQ(stale[0].again, 1);
  EXPECT_EQ(stale[0].claim, "dead");
  EXPECT_THAT(two_->FailStaleTrials("s", rule), IsEmpty());

  const TrialRecord failed = two_->ReadTrial("s", 0);
  EXPECT_EQ(failed.state, TrialState::kFail);
  EXPECT_EQ(failed.user_attrs.at("reason"), "interrupted");
  EXPECT_EQ(failed.user_attrs.at("message"), "no heartbeat for more than 60 s from dead");
  EXPECT_THROW(one_->FinishTrial("s", 0, TrialState::kComplete, {1}), LostClaim) << "the dead one comes back";

  const TrialRecord again = two_->ReadTrial("s", 1);
  EXPECT_EQ(again.state, TrialState::kWaiting);
  EXPECT_EQ(again.params.at("lr").internal, 0.01);
  EXPECT_EQ(again.params.at("lr").distribution, kLr);
  EXPECT_THAT(again.intermediate, IsEmpty());
  EXPECT_EQ(nlohmann::json(again.user_attrs), nlohmann::json({{"variant", {{"loss", "focal"}}}}));
  EXPECT_EQ(nlohmann::json(again.system_attrs),
            nlohmann::json({{"completed_rung_0", 0.5}, {"failed_trial", 0}, {"retry_history", {0}}}));

  // It dies again: the first number stays, the history grows, then the patience is at its end.
  EXPECT_EQ(two_->StartTrial("s", {.claim = "dead too", .admit = {}})->number, 1);
  LetTimePass(61);
  EXPECT_EQ(one_->FailStaleTrials("s", rule).at(0).again, 2);
  EXPECT_EQ(one_->ReadTrial("s", 2).system_attrs.at("failed_trial"), 0);
  EXPECT_EQ(one_->ReadTrial("s", 2).system_attrs.at("retry_history"), nlohmann::json({0, 1}));
  EXPECT_EQ(one_->StartTrial("s", {.claim = "dead thrice", .admit = {}})->number, 2);
  LetTimePass(61);
  EXPECT_FALSE(two_->FailStaleTrials("s", rule).at(0).again.has_value());
  EXPECT_EQ(two_->ReadHistory("s").trials.size(), 3U);
}

TEST_P(StorageClaimsTest, BeatsKeepATrialAliveAndOneWithoutIsNeverStale) {
  one_->StartTrial("s", {.claim = "alive", .admit = {}});
  two_->StartTrial("s");
  LetTimePass(100);
  EXPECT_THAT(one_->BeatTrials("s"), IsEmpty());
  EXPECT_THAT(two_->FailStaleTrials("s", {.grace_s = 10, .retries = 1, .attempt_attrs = {}}), IsEmpty());
  one_->FinishTrial("s", 0, TrialState::kComplete, {1});
  EXPECT_THAT(one_->BeatTrials("s"), IsEmpty());
}

TEST_P(StorageClaimsTest, AdmitDecidesWithTheHistoryOfThatMomentAndWaitingTrialsNeedNone) {
  const auto two_at_most = [](const search::History& history) {
    std::optional<std::map<std::string, nlohmann::json>> attrs;
    if (history.trials.size() < 2) attrs.emplace() = {{"place", history.trials.size()}};
    return attrs;
  };
  const StartOptions options{.claim = "", .admit = two_at_most};
  EXPECT_EQ(one_->StartTrial("s", options)->user_attrs.at("place"), 0);
  EXPECT_EQ(two_->StartTrial("s", options)->user_attrs.at("place"), 1);
  EXPECT_FALSE(one_->StartTrial("s", options).has_value());
  one_->EnqueueTrial("s", {}, {});
  EXPECT_EQ(two_->StartTrial("s", options)->number, 2);
  EXPECT_EQ(one_->ReadHistory("s").trials.size(), 3U);
}

}  // namespace
}  // namespace yoake::studies
