#include "core/drawing/axes.h"

#include <gmock/gmock.h>

namespace yoake {
namespace {

std::vector<std::string> Labels(const Ticks& ticks) {
  std::vector<std::string> labels;
  for (const double value : ticks.Values()) labels.push_back(ticks.Label(value));
  return labels;
}

TEST(AxesTest, TicksAreRoundNumbersAroundTheData) {
  EXPECT_THAT(Labels(NiceTicks(0.013, 0.412, 5)),
              testing::ElementsAre("0.0", "0.1", "0.2", "0.3", "0.4", "0.5"));
  EXPECT_THAT(Labels(NiceTicks(0.391, 0.412, 5)),
              testing::ElementsAre("0.390", "0.395", "0.400", "0.405", "0.410", "0.415"));
  EXPECT_THAT(Labels(NiceTicks(-3, 3, 3)), testing::ElementsAre("-4", "-2", "0", "2", "4"));
}

TEST(AxesTest, EveryValueLiesInsideItsTicks) {
  for (const double low : {-1e5, -0.3, 0.0, 1e-7, 0.5, 123456.0}) {
    for (const double span : {0.0, 1e-6, 0.004, 0.9, 77.0, 1e6}) {
      const Ticks ticks = NiceTicks(low, low + span, 5);
      EXPECT_LE(ticks.low, low + 1e-9 * ticks.step);
      EXPECT_GE(ticks.high, low + span - 1e-9 * ticks.step);
      EXPECT_GE(ticks.Values().size(), 2u) << low << " + " << span;
      EXPECT_LE(ticks.Values().size(), 13u) << low << " + " << span;
    }
  }
}

TEST(AxesTest, WholeTicksAreIntegersAndKeepTheEnds) {
  const Ticks ticks = NiceTicks(-0.5, 23.5, 12, true);
  EXPECT_EQ(ticks.low, -0.5);
  EXPECT_EQ(Labels(ticks).front(), "0");
  EXPECT_EQ(Labels(ticks).back(), "22");
  EXPECT_THAT(Labels(NiceTicks(-0.5, 0.5, 12, true)), testing::ElementsAre("0"));
  EXPECT_THAT(Labels(NiceTicks(1, 1, 6, true)), testing::ElementsAre("0", "1", "2"));
}

TEST(AxesTest, PointsFollowTheRange) {
  const Axes axes{10, 20, 100, 50, {0, 4, 1}, {0, 1, 0.5}};
  EXPECT_EQ(axes.At(0, 0).x, 10);
  EXPECT_EQ(axes.At(0, 0).y, 70);
  EXPECT_EQ(axes.At(4, 1).x, 110);
  EXPECT_EQ(axes.At(4, 1).y, 20);
}

}  // namespace
}  // namespace yoake
