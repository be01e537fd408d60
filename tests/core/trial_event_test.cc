#include "core/trial_event.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace yoake {
namespace {

TEST(TrialEventTest, EveryEventSurvivesTheLine) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<TrialEvent> events = {
      TrialStarted{"yoake-trainer 0.1", "cpu", 60},
      TrialEpoch{3, {{"mAP", 0.1 + 0.2}, {"night.mAP_s", std::nullopt}, {"loss", nan}}, 12.5},
      TrialCheckpoint{3, "weights/last.pt"},
      TrialNotice{"memory", "batch 4 instead of 8"},
      TrialFinished{{{"mAP", 0.4}}, {{"night", "detections/night.json"}}},
      TrialFailed{FailureReason::kOutOfMemory, "needs 3 GB, \"has\" 2"}};
  for (const TrialEvent& event : events) {
    const std::string line = ToJsonLine(event);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(ToJsonLine(ParseTrialEvent(line)), line);
  }
  const auto epoch = std::get<TrialEpoch>(ParseTrialEvent(ToJsonLine(events[1])));
  EXPECT_EQ(epoch.metrics.at("mAP"), 0.1 + 0.2);
  EXPECT_FALSE(epoch.metrics.at("night.mAP_s").has_value());
  EXPECT_TRUE(std::isnan(*epoch.metrics.at("loss")));
}

TEST(TrialEventTest, AForeignTrainersExtraKeysAreIgnored) {
  const auto event = ParseTrialEvent(R"({"event":"epoch","epoch":1,"metrics":{"mAP":0.5},"gpu":"A100"})");
  EXPECT_EQ(std::get<TrialEpoch>(event).metrics.at("mAP"), 0.5);
}

TEST(TrialEventTest, RefusesWhatIsNoEvent) {
  for (const char* line : {"", "{", "[]", "{}", R"({"event":"hello"})", R"({"event":"epoch"})",
                           R"({"event":"epoch","epoch":1,"metrics":{"mAP":"high"}})"}) {
    EXPECT_THROW(ParseTrialEvent(line), Error) << line;
  }
}

TEST(TrialEventTest, ReasonsHaveOneTextEach) {
  for (const auto reason : {FailureReason::kOutOfMemory, FailureReason::kDiverged, FailureReason::kData,
                            FailureReason::kInterrupted, FailureReason::kInternal, FailureReason::kTimedOut,
                            FailureReason::kCrashed}) {
    EXPECT_EQ(ParseFailureReason(ToString(reason)), reason);
  }
  EXPECT_FALSE(ParseFailureReason("tired").has_value());
}

}  // namespace
}  // namespace yoake
