#include "studies/trial_story.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/atomic_file.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

using testing::HasSubstr;
using Kind = TrialOutcome::Kind;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TrialStory Story(const std::vector<TrialEvent>& events) {
  TrialStory story;
  for (const TrialEvent& event : events) story.Add(event);
  return story;
}

TrialEpoch Epoch(int number, std::optional<double> value) { return {number, {{"mAP", value}}, 1.0}; }
TrialFinished Finished(std::optional<double> value) { return {{{"mAP", value}}, {}}; }

TEST(JudgeTest, WhatALastWordMeans) {
  const AttemptEnd crashed{.status = ExitStatus{1, 0}};
  struct Case {
    TrialEvent last_word;
    Kind kind;
    FailureReason reason;
    bool may_retry;
  };
  const std::vector<Case> cases = {
      {Finished(0.5), Kind::kFinished, {}, false},
      {Finished(std::nullopt), Kind::kFailed, FailureReason::kData, false},
      {Finished(kNaN), Kind::kFailed, FailureReason::kDiverged, false},
      {TrialFinished{{{"map", 0.5}}, {}}, Kind::kFailed, FailureReason::kData, false},
      {TrialFailed{FailureReason::kDiverged, "nan"}, Kind::kFailed, FailureReason::kDiverged, false},
      {TrialFailed{FailureReason::kOutOfMemory, "80 GB"}, Kind::kFailed, FailureReason::kOutOfMemory, false},
      {TrialFailed{FailureReason::kData, "x"}, Kind::kFailed, FailureReason::kData, false},
      {TrialFailed{FailureReason::kInternal, "x"}, Kind::kFailed, FailureReason::kInternal, true},
      {TrialFailed{FailureReason::kInterrupted, "x"}, Kind::kFailed, FailureReason::kInterrupted, true},
  };
  for (const Case& c : cases) {
    const TrialOutcome outcome = Judge(Story({TrialStarted{}, Epoch(1, 0.4), c.last_word}), crashed, "mAP");
    const std::string line = ToJsonLine(c.last_word);
    EXPECT_EQ(outcome.kind, c.kind) << line;
    EXPECT_EQ(outcome.may_retry, c.may_retry) << line;
    if (c.kind == Kind::kFailed) {
      EXPECT_EQ(outcome.reason, c.reason) << line;
      EXPECT_FALSE(outcome.message.empty()) << line;
    } else {
      EXPECT_EQ(outcome.value, 0.5) << line;
    }
  }
}

TEST(JudgeTest, WhatSilenceMeans) {
  const TrialStory story = Story({TrialStarted{}, Epoch(1, 0.4)});
  const auto judge = [&](const AttemptEnd& end) { return Judge(story, end, "mAP"); };
  TrialOutcome outcome = judge({.status = ExitStatus{0, 9}, .log_tail = "last line"});
  EXPECT_EQ(outcome.reason, FailureReason::kCrashed);
  EXPECT_TRUE(outcome.may_retry);
  EXPECT_THAT(outcome.message,
              testing::AllOf(HasSubstr("killed by signal 9"), HasSubstr("memory"), HasSubstr("last line")));
  EXPECT_THAT(judge({.status = ExitStatus{0, 0}}).message, HasSubstr("without a last word"));
  outcome = judge({.status = ExitStatus{2, 0}, .configuration_code = true});
  EXPECT_EQ(outcome.reason, FailureReason::kData);
  EXPECT_FALSE(outcome.may_retry);
  EXPECT_TRUE(judge({.status = ExitStatus{2, 0}}).may_retry) << "another program's exit code 2 says nothing";
}

TEST(JudgeTest, WhatTheDriverAskedForComesFirstButForAFinishedTrial) {
  const TrialStory story = Story({TrialStarted{}, Epoch(1, 0.4), Epoch(2, kNaN), Epoch(3, std::nullopt),
                                  TrialFailed{FailureReason::kInterrupted, "asked"}});
  const auto judge = [](const TrialStory& s, StopReason stop) {
    return Judge(s, {ExitStatus{1, 0}, stop, "", true}, "mAP");
  };
  EXPECT_EQ(judge(story, StopReason::kPruned).kind, Kind::kPruned);
  EXPECT_EQ(judge(story, StopReason::kPruned).value, 0.4) << "the last number reported";
  EXPECT_EQ(judge(story, StopReason::kInterrupted).kind, Kind::kInterrupted);
  EXPECT_EQ(judge(story, StopReason::kTimedOut).reason, FailureReason::kTimedOut);
  EXPECT_FALSE(judge(story, StopReason::kTimedOut).may_retry);
  const TrialStory finished = Story({Epoch(1, 0.4), Finished(0.6)});
  EXPECT_EQ(judge(finished, StopReason::kInterrupted).kind, Kind::kFinished);
  EXPECT_EQ(judge(finished, StopReason::kTimedOut).kind, Kind::kFinished);
  EXPECT_EQ(judge(finished, StopReason::kPruned).value, 0.6);
  EXPECT_EQ(judge(Story({}), StopReason::kPruned).kind, Kind::kFailed);
}

TEST(TrialStoryTest, ANewAttemptForgetsTheLastWordAndKeepsTheEpochs) {
  TrialStory story =
      Story({TrialStarted{}, Epoch(1, 0.1), Epoch(2, 0.2), TrialFailed{FailureReason::kInternal, "x"}});
  story.Add(TrialStarted{"t", "cpu", 3});
  story.Add(Epoch(2, 0.25));
  story.Add(Epoch(3, kNaN));
  EXPECT_FALSE(story.failed);
  EXPECT_EQ(
      story.Curve().dump(),
      R"([{"epoch":1,"metrics":{"mAP":0.1},"seconds":1.0},{"epoch":2,"metrics":{"mAP":0.25},"seconds":1.0},)"
      R"({"epoch":3,"metrics":{"mAP":null},"seconds":1.0}])");
}

TEST(LogTailTest, GivesTheLastLines) {
  const ScratchFolder folder;
  const auto log = folder.path() / "log.txt";
  EXPECT_EQ(LogTail(log, 2), "");
  WriteFileAtomically(log, "one\n\x1b two\nthree\n\n");
  EXPECT_EQ(LogTail(log, 2), " two\nthree");
  EXPECT_EQ(LogTail(log, 9), "one\n two\nthree");
  WriteFileAtomically(log, "alone");
  EXPECT_EQ(LogTail(log, 2), "alone");
}

}  // namespace
}  // namespace yoake::studies
