#include "reports/number_text.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

namespace yoake::reports {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(NumberTextTest, MetricsHaveThreeDecimals) {
  EXPECT_EQ(MetricText(0.41249), "0.412");
  EXPECT_EQ(MetricText(-0.0001), "0.000");
  EXPECT_EQ(MetricText(1), "1.000");
  EXPECT_EQ(MetricText(std::nullopt), "nan");
  EXPECT_EQ(MetricText(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(MetricText(-kInfinity), "-inf");
}

TEST(NumberTextTest, DifferencesCarryTheirSign) {
  EXPECT_EQ(DeltaText(0.0123), "+0.012");
  EXPECT_EQ(DeltaText(-0.3), "-0.300");
  EXPECT_EQ(DeltaText(-0.0001), "+0.000");
  EXPECT_EQ(DeltaText(std::nullopt), "nan");
}

TEST(NumberTextTest, ExactTextReadsBackTheSame) {
  for (const double value : {0.1 + 0.2, 1.0 / 3, 5e-324, 0.0})
    EXPECT_EQ(std::strtod(ExactText(value).c_str(), nullptr), value);
  EXPECT_EQ(ExactText(0.5), "0.5");
  EXPECT_EQ(ExactText(std::nullopt), "nan");
}

TEST(NumberTextTest, ParametersAreShort) {
  EXPECT_EQ(ParamText(0.0123456), "0.01235");
  EXPECT_EQ(ParamText(1e-5), "1e-05");
  EXPECT_EQ(ParamText(16), "16");
  EXPECT_EQ(ParamText("FocalLoss"), "FocalLoss");
  EXPECT_EQ(ParamText(nullptr), "null");
  EXPECT_EQ(ParamText(nlohmann::json({1, 2})), "[1,2]");
}

TEST(NumberTextTest, DurationsChangeTheirUnit) {
  EXPECT_EQ(DurationText(0.11), "0.1 s");
  EXPECT_EQ(DurationText(9.96), "10 s");
  EXPECT_EQ(DurationText(59.6), "1 min 0 s");
  EXPECT_EQ(DurationText(725), "12 min 5 s");
  EXPECT_EQ(DurationText(12000), "3 h 20 min");
  EXPECT_EQ(DurationText(std::nullopt), "unknown");
}

}  // namespace
}  // namespace yoake::reports
