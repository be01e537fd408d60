#include "reports/regression.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "reports/junit.h"
#include "tests/support/message_of.h"

namespace yoake::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Change and standard error of the whole set or of a category.
struct Change {
  double delta = 0;
  double standard_error = 0.001;
  int boxes = 100;
};

void SetChange(const Change& change, metrics::RowResult* base, metrics::RowResult* row) {
  row->columns[0].truth = {change.boxes, 100};
  row->columns[0].few = change.boxes < 10;
  base->columns[0].value = 0.5;
  row->columns[0].value = 0.5 + change.delta;
  row->columns[0].interval = {0, 1, 0, change.standard_error, 1e9};
  metrics::Difference difference;
  difference.delta = change.delta;
  difference.interval.standard_error = change.standard_error;
  row->columns[0].difference = difference;
}

metrics::Comparison ComparisonOf(const Change& whole, const std::vector<Change>& categories) {
  metrics::Comparison comparison;
  comparison.images = comparison.units = 200;
  comparison.models = {{"baseline", 1, {}, {}}, {"candidate", 1, {}, {}}};
  metrics::ModelResult& base = comparison.models[0];
  metrics::ModelResult& candidate = comparison.models[1];
  SetChange(whole, &base.whole, &candidate.whole);
  for (std::size_t k = 0; k < categories.size(); ++k) {
    base.categories.emplace_back().category = candidate.categories.emplace_back().category =
        "c" + std::to_string(k);
    SetChange(categories[k], &base.categories[k], &candidate.categories[k]);
  }
  return comparison;
}

struct Case {
  const char* name;
  Change whole;
  std::vector<Change> categories;
  Verdict verdict;
};

class GateTest : public testing::TestWithParam<Case> {};

TEST_P(GateTest, Decides) {
  const Case& c = GetParam();
  EXPECT_EQ(CheckRegression(ComparisonOf(c.whole, c.categories), {}).verdict, c.verdict) << c.name;
}

// Allowed by default: 0.005 of the whole set, 0.02 of a category. One-sided 5 %: 1.645 standard errors.
INSTANTIATE_TEST_SUITE_P(
    Cases, GateTest,
    testing::Values(
        Case{"unchanged", {0, 0.001}, {}, Verdict::kPass},
        Case{"unchanged, too noisy", {0, 0.004}, {}, Verdict::kInconclusive},
        Case{"noisy but clearly better", {0.02, 0.01}, {}, Verdict::kPass},
        Case{"small drop within what is allowed", {-0.003, 0.001}, {}, Verdict::kPass},
        Case{"drop beyond, surely", {-0.01, 0.003}, {}, Verdict::kRegression},
        Case{"drop beyond, perhaps", {-0.01, 0.0031}, {}, Verdict::kInconclusive},
        Case{"exactly what is allowed, no noise", {-0.005, 0}, {}, Verdict::kPass},
        Case{"more than allowed, no noise", {-0.0051, 0}, {}, Verdict::kRegression},
        Case{"a category drops", {0, 0.001}, {{-0.05, 0.01}, {0, 0.001}}, Verdict::kRegression},
        Case{"a category's drop that Holm forgives",  // p 0.03 by itself, three checks.
             {0, 0.001},
             {{-0.039, 0.01}, {0, 0.001}},
             Verdict::kInconclusive},
        Case{"a category too noisy", {0, 0.001}, {{0, 0.02}}, Verdict::kInconclusive},
        Case{"a rare category collapses", {0, 0.001}, {{-0.5, 0.01, 4}}, Verdict::kPass},
        Case{"a rare category too noisy", {0, 0.001}, {{0, 0.2, 4}}, Verdict::kPass},
        Case{"rare ones do not weaken the others",  // p 0.032: Holm over two would forgive it.
             {-0.01, 0.0027},
             {{0, 0.2, 4}},
             Verdict::kRegression},
        Case{"the whole set too small to accuse", {-0.5, 0.01, 4}, {}, Verdict::kInconclusive},
        Case{"the whole set small, but nothing varies", {0, 0, 4}, {}, Verdict::kPass},
        Case{"regression outweighs inconclusive", {-0.1, 0.01}, {{0, 0.05}}, Verdict::kRegression}),
    [](const auto& test) { return "Case" + std::to_string(test.index); });

TEST(GateReportTest, SaysWhichHowMuchAndHowManyImagesWouldDo) {
  const GateResult result = CheckRegression(ComparisonOf({0, 0.004}, {{-0.1, 0.01}}), {});
  EXPECT_EQ(result.verdict, Verdict::kRegression);
  EXPECT_THAT(GateText(result), AllOf(HasSubstr("Regression: dropped by more than allowed: c0.mAP (-0.100)"),
                                      HasSubstr("inconclusive")));
  const GateResult unsure = CheckRegression(ComparisonOf({0, 0.004}, {}), {});
  // (1.645 + 0.842)^2 (0.004 / 0.005)^2 * 200
  EXPECT_EQ(unsure.checks[0].units_needed, 792u);
  EXPECT_THAT(GateMarkdown(unsure),
              AllOf(HasSubstr("200 images are too few to tell about mAP"), HasSubstr("About 792 images")));
}

TEST(GateReportTest, ChecksOfFewBoxesAreNamedAndCountOnlyWhenAsked) {
  const metrics::Comparison comparison = ComparisonOf({0, 0.001}, {{-0.1, 0.01, 4}});
  const GateResult result = CheckRegression(comparison, {});
  EXPECT_EQ(result.verdict, Verdict::kPass);
  EXPECT_THAT(GateText(result), AllOf(HasSubstr("c0.mAP (-0.100, 4 boxes in 100 images)"),
                                      HasSubstr("inconclusive (few, not counted)")));
  EXPECT_FALSE(GateJson(result)["checks"][1]["counted"]);
  EXPECT_THAT(GateJUnit(result), HasSubstr("too few for an honest interval, not counted"));
  GateOptions counted;
  counted.count_few = true;
  EXPECT_EQ(CheckRegression(comparison, counted).verdict, Verdict::kRegression);
}

TEST(GateReportTest, JsonAndExitCodesArePromised) {
  const GateResult result = CheckRegression(ComparisonOf({-0.1, 0.01}, {}), {});
  const nlohmann::json json = GateJson(result);
  EXPECT_EQ(json["verdict"], "regression");
  for (const char* key :
       {"name", "baseline", "candidate", "delta", "ci_low", "ci_high", "allowed", "verdict"}) {
    EXPECT_TRUE(json["checks"][0].contains(key)) << key;
  }
  EXPECT_EQ(ExitCodeOf(Verdict::kPass), 0);
  EXPECT_EQ(ExitCodeOf(Verdict::kRegression), 1);
  EXPECT_EQ(ExitCodeOf(Verdict::kInconclusive), 3);
}

TEST(GateReportTest, JUnitCountsAndEscapes) {
  metrics::Comparison comparison = ComparisonOf({0, 0.004}, {{-0.1, 0.01}, {0, 0.001}});
  for (auto& model : comparison.models) model.categories[0].category = "a<b & \"c\"";
  const std::string xml = GateJUnit(CheckRegression(comparison, {}));
  EXPECT_THAT(xml, AllOf(HasSubstr("tests=\"3\" failures=\"1\" errors=\"0\" time=\"0\" skipped=\"1\""),
                         HasSubstr("tests=\"3\" failures=\"1\" errors=\"0\" time=\"0\">"),
                         HasSubstr("name=\"a&lt;b &amp; &quot;c&quot;.mAP\""), HasSubstr("<failure message="),
                         HasSubstr("<skipped message="), Not(HasSubstr("a<b"))));
}

metrics::Comparison Alone(const metrics::Comparison& comparison) {
  metrics::Comparison alone = comparison;
  alone.models.erase(alone.models.begin());
  for (auto& row : alone.models[0].categories) row.columns[0].difference.reset();
  alone.models[0].whole.columns[0].difference.reset();
  return alone;
}

TEST(GateFloorTest, TakesTheNumberAsExactAndSaysSo) {
  const metrics::Comparison candidate = Alone(ComparisonOf({0, 0.01}, {{0, 0.03}}));  // Both 0.5.
  EXPECT_EQ(CheckFloors(candidate, {{"mAP", 0.504}}, {}).verdict, Verdict::kPass);
  EXPECT_EQ(CheckFloors(candidate, {{"mAP", 0.51}}, {}).verdict, Verdict::kInconclusive);
  EXPECT_EQ(CheckFloors(candidate, {{"mAP", 0.54}}, {}).verdict, Verdict::kRegression);
  const GateResult both = CheckFloors(candidate, {{"mAP", 0.4}, {"c0.mAP", 0.7}, {"other", 1}}, {});
  EXPECT_EQ(both.checks.size(), 2u);
  EXPECT_EQ(both.verdict, Verdict::kRegression);
  EXPECT_THAT(GateText(both), HasSubstr("A floor check"));
  EXPECT_THAT(MessageOf([&] {
                CheckFloors(candidate, {{"mAP_50", 0.4}}, {});
              }),
              HasSubstr("no number for mAP nor for a category's"));
}

TEST(GateOptionsTest, NameFieldAndRange) {
  const auto message = [](auto&& change) {
    GateOptions options;
    change(&options);
    return MessageOf([&] { options.Validate(); });
  };
  EXPECT_EQ(message([](GateOptions*) {}), "no error");
  EXPECT_THAT(message([](GateOptions* o) { o->max_drop = -1; }), HasSubstr("max_drop: expected 0 to 1"));
  EXPECT_THAT(message([](GateOptions* o) { o->max_size_drop = 5; }), HasSubstr("max_size_drop: expected"));
  EXPECT_THAT(message([](GateOptions* o) { o->alpha = 0.5; }), HasSubstr("alpha: expected"));
  EXPECT_THAT(message([](GateOptions* o) { o->metric = "map"; }), HasSubstr("unknown metric 'map'"));
}

}  // namespace
}  // namespace yoake::reports
