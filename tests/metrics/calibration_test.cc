#include "metrics/analyses/calibration.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/rng.h"

namespace yoake::metrics {
namespace {

using testing::DoubleNear;
using testing::Optional;

CategoryOutcomes Outcomes(std::vector<std::pair<double, bool>> detections) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  CategoryOutcomes outcomes;
  for (const auto& [score, right] : detections) outcomes.detections.push_back({score, 0, right});
  return outcomes;
}

std::vector<int> Sizes(const std::vector<ScoreBin>& bins) {
  std::vector<int> sizes;
  for (const ScoreBin& bin : bins) sizes.push_back(bin.detections());
  return sizes;
}

TEST(ScoreBinsTest, AnEdgeBelongsToTheBinAboveItAndOneToTheLast) {
  const auto bins = EqualWidthBins(
      Outcomes({{0, true}, {.25, false}, {.5, true}, {.75, false}, {1, true}, {1.5, true}, {-1, true}}), 0, 1,
      4);
  EXPECT_THAT(Sizes(bins), testing::ElementsAre(1, 1, 1, 2));
  EXPECT_EQ(bins[3].true_positives, 1);
  EXPECT_EQ(bins[3].score_sum, 1.75);
}

TEST(ScoreBinsTest, EqualMassKeepsEqualScoresTogether) {
  const auto bins = EqualMassBins(
      Outcomes({{.1, true}, {.2, true}, {.2, false}, {.2, false}, {.3, true}, {.9, true}, {2, true}}), 0, 1,
      3);
  EXPECT_THAT(Sizes(bins), testing::ElementsAre(4, 2));  // The second third ends inside the first bin.
  EXPECT_EQ(bins[0].low, .1);
  EXPECT_EQ(bins[0].high, .2);
  EXPECT_EQ(bins[1].high, .9);
}

TEST(ScoreBinsTest, EqualMassDividesDistinctScoresEvenly) {
  std::vector<std::pair<double, bool>> detections;
  for (int i = 0; i < 103; ++i) detections.push_back({i / 103.0, true});
  const auto sizes = Sizes(EqualMassBins(Outcomes(detections), 0, 1, 10));
  ASSERT_EQ(sizes.size(), 10u);
  for (const int size : sizes) EXPECT_THAT(size, testing::AnyOf(10, 11));
}

TEST(CalibrationTest, ClosedCases) {
  // Two bins: (.2, .4: one of two right, mean .3, gap .2) and (.9 twice, both right: gap .1).
  const Calibration calibration =
      CalibrateEqualWidth(Outcomes({{.2, true}, {.4, false}, {.9, true}, {.9, true}}), 2);
  EXPECT_THAT(calibration.ece, Optional(DoubleNear((2 * .2 + 2 * .1) / 4, 1e-15)));
  EXPECT_THAT(calibration.mce, Optional(DoubleNear(.2, 1e-15)));
}

TEST(CalibrationTest, UndefinedWithoutProbabilities) {
  for (const auto& outcomes : {Outcomes({}), Outcomes({{3.5, true}, {-2, false}})}) {
    EXPECT_FALSE(CalibrateEqualWidth(outcomes, 10).ece);
    EXPECT_FALSE(CalibrateEqualMass(outcomes, 10).mce);
  }
  EXPECT_EQ(ScoresOutsideUnit(Outcomes({{3.5, true}, {-2, false}, {1, true}, {0, true}})), 2);
}

// Detections that are right as often as their score says have an error that goes to 0, others do not.
TEST(CalibrationTest, TellsAHonestDetectorFromABoaster) {
  RandomStream random(3);
  std::vector<std::pair<double, bool>> honest, boaster;
  for (int i = 0; i < 20000; ++i) {
    const double score = random.Uniform();
    honest.push_back({score, random.Chance(score)});
    boaster.push_back({std::sqrt(score), random.Chance(score)});
  }
  for (const auto& calibrate : {CalibrateEqualWidth, CalibrateEqualMass}) {
    EXPECT_LT(calibrate(Outcomes(honest), 10).ece, .02);
    // The mean of sqrt(p) - p is 1/6.
    EXPECT_THAT(calibrate(Outcomes(boaster), 10).ece, Optional(DoubleNear(1.0 / 6, .02)));
  }
}

// The definition, bin by bin over all detections.
TEST(CalibrationTest, EqualsTheDefinition) {
  RandomStream random(4);
  for (const int count : {1, 3, 10}) {
    std::vector<std::pair<double, bool>> detections;
    for (int i = 0; i < 200; ++i) {
      detections.push_back({static_cast<double>(random.Int(0, 30)) / 30, random.Chance(.4)});
    }
    double ece = 0;
    for (int b = 0; b < count; ++b) {
      double n = 0, right = 0, sum = 0;
      for (const auto& [score, is_right] : detections) {
        const double low = static_cast<double>(b) / count, high = static_cast<double>(b + 1) / count;
        if (score < low || (b + 1 < count ? score >= high : score > high)) continue;
        n += 1;
        right += is_right;
        sum += score;
      }
      if (n > 0) ece += std::abs(right / n - sum / n) * n / 200;
    }
    EXPECT_THAT(CalibrateEqualWidth(Outcomes(detections), count).ece, Optional(DoubleNear(ece, 1e-12)));
  }
}

}  // namespace
}  // namespace yoake::metrics
