#include "reports/comparison.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "metrics/coco/eval_result.h"
#include "reports/comparison_tables.h"

namespace yoake::reports {
namespace {

using metrics::Comparison;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

metrics::Difference DifferenceOf(double delta, double low, double high, double p) {
  metrics::Difference difference;
  difference.delta = delta;
  difference.interval.low = low;
  difference.interval.high = high;
  difference.interval.p = difference.p_holm = p;
  difference.interval.standard_error = (high - low) / 4;
  difference.detectable = 0.7 * (high - low);
  return difference;
}

metrics::RowResult RowOf(const std::string& name, int boxes, double value) {
  metrics::RowResult row;
  row.category = name;
  row.truth = {boxes, static_cast<std::uint32_t>(boxes)};
  for (std::size_t column = 0; column < metrics::kColumns; ++column) {
    row.columns[column].truth = row.truth;
    row.columns[column].few = boxes < Comparison().FewBoxes(column);
    row.columns[column].value = value;
  }
  return row;
}

// Two categories; "b" is clearly better in cars, and in the whole set only as far as `whole` says.
Comparison TwoModels(const metrics::Difference& whole) {
  Comparison comparison;
  comparison.images = comparison.units = 200;
  for (const char* name : {"a", "b"}) {
    metrics::ModelResult model{
        name, 1, {RowOf("car", 300, 0.4), RowOf("dog|cat", 12, 0.2)}, RowOf("all", 312, 0.3)};
    comparison.models.push_back(std::move(model));
  }
  metrics::ModelResult& b = comparison.models[1];
  b.whole.columns[0].difference = whole;
  b.categories[0].columns[0].difference = DifferenceOf(0.08, 0.05, 0.11, 0.001);
  b.categories[1].columns[0].difference = DifferenceOf(-0.1, -0.3, 0.1, 0.4);
  return comparison;
}

TEST(ComparisonReportTest, TheVerdictComesFirstAndSaysNoiseInWords) {
  const auto noise = ComparisonVerdicts(TwoModels(DifferenceOf(0.01, -0.01, 0.03, 0.3)), "mAP");
  EXPECT_THAT(noise[0], AllOf(HasSubstr("b and a are within noise of each other"), HasSubstr("+0.010"),
                              HasSubstr("must be about 0.028 to be seen")));
  const auto better = ComparisonVerdicts(TwoModels(DifferenceOf(0.02, 0.01, 0.03, 0.01)), "mAP");
  EXPECT_THAT(better[0], AllOf(HasSubstr("b is better than a"), HasSubstr("95 % interval +0.010 to +0.030")));
  const auto worse = ComparisonVerdicts(TwoModels(DifferenceOf(-0.02, -0.03, -0.01, 0.01)), "mAP");
  EXPECT_THAT(worse[0], HasSubstr("b is worse than a"));
  EXPECT_THAT(better[1], AllOf(HasSubstr("better in car (+0.080)"), HasSubstr("1 of 2 within noise")));
}

TEST(ComparisonReportTest, WhatAnIntervalLeavesOutIsSaid) {
  Comparison comparison = TwoModels(DifferenceOf(0.01, -0.01, 0.03, 0.3));
  EXPECT_THAT(ComparisonVerdicts(comparison, "mAP").back(), HasSubstr("One training a model"));
  EXPECT_EQ(ComparisonVerdicts(comparison, "mAP").size(), 3u);  // 12 boxes are enough for mAP,
  EXPECT_THAT(
      ComparisonVerdicts(comparison, "mAP_50")[2],  // not for one threshold.
      AllOf(HasSubstr("intervals of mAP_50 may be too narrow: dog|cat (12 in 12)"), Not(HasSubstr("car ("))));
  comparison.models[1].seeds = 3;
  EXPECT_THAT(ComparisonVerdicts(comparison, "mAP").back(),
              HasSubstr("1 to 3 seeds a model, which models of a"));
}

TEST(ComparisonReportTest, JsonHoldsThePromisedKeys) {
  const nlohmann::json json = ComparisonJson(TwoModels(DifferenceOf(0.01, -0.01, 0.03, 0.3)), "mAP");
  EXPECT_EQ(json["baseline"], "a");
  ASSERT_EQ(json["models"].size(), 1u);
  const nlohmann::json& model = json["models"][0];
  EXPECT_EQ(model["name"], "b");
  const nlohmann::json& cell = model["stats"]["mAP"];
  EXPECT_EQ(cell["value"], 0.3);
  EXPECT_EQ(cell["delta"], 0.01);
  EXPECT_EQ(cell["ci_low"], -0.01);
  EXPECT_EQ(cell["ci_high"], 0.03);
  EXPECT_EQ(cell["p"], 0.3);
  EXPECT_EQ(cell["within_noise"], true);
  EXPECT_EQ(model["per_category"][0]["category"], "car");
  EXPECT_EQ(model["per_category"][0]["mAP"]["within_noise"], false);
  EXPECT_TRUE(model["stats"]["mAP_50"]["delta"].is_null()) << "undefined is null";
}

TEST(ComparisonReportTest, EveryFormatNamesEveryCategory) {
  const Comparison comparison = TwoModels(DifferenceOf(0.01, -0.01, 0.03, 0.3));
  for (const std::string& format : ComparisonFormats()) {
    const std::string text = RenderComparison(comparison, "mAP", format);
    EXPECT_THAT(text, AllOf(HasSubstr("car"), HasSubstr("dog"))) << format;
  }
  EXPECT_THAT(RenderComparison(comparison, "mAP", "markdown"), HasSubstr("dog\\|cat"));
  EXPECT_THAT(DifferencesSvg(comparison, "mAP"), AllOf(HasSubstr("dog|cat (12)"), HasSubstr("within noise")));
}

TEST(ComparisonReportTest, OneModelAloneTellsWhatTheSetCouldShow) {
  Comparison comparison = TwoModels(DifferenceOf(0, 0, 0, 1));
  comparison.models.pop_back();
  comparison.models[0].whole.columns[0].interval = {0.28, 0.32, 0, 0.01, 199};
  EXPECT_THAT(
      ComparisonVerdicts(comparison, "mAP")[0],
      AllOf(HasSubstr("a: mAP 0.300 (95 % interval 0.280 to 0.320)"), HasSubstr("must differ by 0.040")));
  EXPECT_EQ(DifferencesSvg(comparison, "mAP"), "");
}

}  // namespace
}  // namespace yoake::reports
