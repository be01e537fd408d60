#include "metrics/uncertainty/statistics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "core/rng.h"
#include "metrics/uncertainty/interval.h"

namespace yoake::metrics {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StatisticsTest, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(NormalQuantile(1e-9), -5.997807015007686, 1e-9);
  EXPECT_NEAR(StudentQuantile(0.975, 1), 12.706204736432095, 1e-9);
  EXPECT_NEAR(StudentQuantile(0.975, 2), 4.302652729749462, 1e-10);
  EXPECT_NEAR(StudentQuantile(0.975, 10), 2.228138851964939, 1e-10);
  EXPECT_NEAR(StudentQuantile(0.95, 29), 1.699127026533498, 1e-10);
  EXPECT_NEAR(StudentQuantile(0.975, 199), 1.971956544249395, 1e-10);
  EXPECT_NEAR(StudentQuantile(0.975, kInfinity), 1.959963984540054, 1e-12);
}

TEST(StatisticsTest, StudentsDistributionHasItsClosedForms) {
  for (const double t : {-30.0, -2.0, -0.1, 0.0, 0.5, 3.0}) {
    EXPECT_NEAR(StudentCdf(t, 1), 0.5 + std::atan(t) / std::acos(-1.0), 1e-13);
    EXPECT_NEAR(StudentCdf(t, 2), 0.5 + t / (2 * std::sqrt(2 + t * t)), 1e-13);
    EXPECT_NEAR(StudentCdf(t, 1e6), NormalCdf(t), 1e-6);
  }
}

TEST(StatisticsTest, HolmStepsDownAndNeverFalls) {
  // By hand: .01 * 4, .02 * 3, max(.03 * 2, .06), max(.5 * 1, ..).
  const std::array p = {0.03, 0.01, 0.5, 0.02};
  const std::vector<double> adjusted = HolmAdjusted(p);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.04);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.5);
  EXPECT_EQ(HolmAdjusted(std::array{0.6, 0.7})[0], 1);
}

TEST(StatisticsTest, WelchAndSatterthwaite) {
  EXPECT_DOUBLE_EQ(SatterthwaiteDf(std::array<KnownVariance, 2>{{{2, 4}, {2, 4}}}), 8);
  EXPECT_DOUBLE_EQ(SatterthwaiteDf(std::array<KnownVariance, 2>{{{2, 4}, {0, 0}}}), 4);
  EXPECT_EQ(SatterthwaiteDf(std::array<KnownVariance, 1>{{{0, 3}}}), kInfinity);
}

class IntervalTest : public testing::TestWithParam<IntervalMethod> {};

TEST_P(IntervalTest, PIsBelowAlphaExactlyWhenZeroLiesOutside) {
  RandomStream random(3);
  for (int i = 0; i < 200; ++i) {
    Draws draws;
    draws.df = 20;
    draws.observed = random.Normal() * 2;
    for (int r = 0; r < 999; ++r) draws.replicates.push_back(draws.observed + random.Normal());
    for (int r = 0; r < 30; ++r) draws.jackknife.push_back(draws.observed + std::exp(random.Normal()) / 30);
    for (const double confidence : {0.8, 0.95}) {
      const Interval interval = MakeInterval(draws, confidence, GetParam());
      // Counts of replicates are whole numbers: at the very border either answer is right.
      if (std::abs(interval.p - (1 - confidence)) < 0.004) continue;
      EXPECT_EQ(interval.p<1 - confidence, interval.low> 0 || interval.high < 0)
          << interval.p << " " << interval.low << " " << interval.high;
    }
  }
}

TEST_P(IntervalTest, WithoutSpreadItIsTheNumberItself) {
  Draws draws;
  draws.replicates.assign(100, 0.0);
  EXPECT_EQ(MakeInterval(draws, 0.95, GetParam()).p, 1);
  draws.observed = 0.1;
  draws.replicates.assign(100, 0.1);
  const Interval interval = MakeInterval(draws, 0.95, GetParam());
  EXPECT_EQ(interval.low, 0.1);
  EXPECT_EQ(interval.high, 0.1);
  EXPECT_EQ(interval.p, 0);
}

INSTANTIATE_TEST_SUITE_P(Methods, IntervalTest,
                         testing::Values(IntervalMethod::kStudent, IntervalMethod::kPercentile,
                                         IntervalMethod::kBca));

TEST(BcaTest, EqualsThePercentileIntervalWithoutBiasAndAcceleration) {
  Draws draws;
  for (int i = -500; i <= 500; ++i) draws.replicates.push_back(i / 100.0);
  const Interval bca = MakeInterval(draws, 0.9, IntervalMethod::kBca);
  const Interval percentile = MakeInterval(draws, 0.9, IntervalMethod::kPercentile);
  EXPECT_NEAR(bca.low, percentile.low, 1e-9);
  EXPECT_NEAR(bca.high, 4.5, 1e-9);
}

// Exponential sample of 20, its mean: BCa's ends lie right of the percentile interval's (Efron 1987).
TEST(BcaTest, FollowsTheSkewness) {
  RandomStream random(5);
  std::vector<double> sample;
  for (int i = 0; i < 20; ++i) sample.push_back(-std::log(1 - random.Uniform()));
  Draws draws;
  draws.observed = Mean(sample);
  for (int r = 0; r < 4000; ++r) {
    double sum = 0;
    for (int i = 0; i < 20; ++i) sum += sample[random.Below(20)];
    draws.replicates.push_back(sum / 20);
  }
  for (const double value : sample) draws.jackknife.push_back((draws.observed * 20 - value) / 19);
  const Interval bca = MakeInterval(draws, 0.95, IntervalMethod::kBca);
  const Interval percentile = MakeInterval(draws, 0.95, IntervalMethod::kPercentile);
  EXPECT_GT(bca.low, percentile.low);
  EXPECT_GT(bca.high, percentile.high);
}

TEST(StudentIntervalTest, VarianceBetweenSeedsWidensIt) {
  Draws draws;
  RandomStream random(6);
  for (int r = 0; r < 1000; ++r) draws.replicates.push_back(random.Normal());
  const Interval images = MakeInterval(draws, 0.95);
  draws.between_seeds = 1;
  draws.between_seeds_df = 4;
  const Interval both = MakeInterval(draws, 0.95);
  EXPECT_NEAR(images.standard_error, 1, 0.1);
  EXPECT_NEAR(both.standard_error, std::sqrt(2), 0.1);
  EXPECT_NEAR(both.df, 16, 3);  // (1 + 1)^2 / (1 / 4)
}

}  // namespace
}  // namespace yoake::metrics
