#include "core/drawing/svg.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/plots.h"
#include "testing.h"

namespace yoake::reports {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SvgTest, RoundsEscapesAndBringsItsBackground) {
  Svg svg(100, 50, "a < b", "d & e");
  svg.Line({0.123456, 1}, {-0.0001, 2}, {});
  svg.Text({1, 2}, "<夜明け>", {});
  svg.Mark(Marker::kDiamond, {10, 10}, 4, "#000000", true, "trial \"3\"");
  svg.Polyline({{1, 1}}, {});
  const std::string text = svg.Finish();
  EXPECT_THAT(text, HasSubstr("<title>a &lt; b</title>\n<desc>d &amp; e</desc>"));
  EXPECT_THAT(text, HasSubstr(R"(x1="0.12" y1="1" x2="0" y2="2")"));
  EXPECT_THAT(text, HasSubstr("&lt;夜明け&gt;"));
  EXPECT_THAT(text, HasSubstr("fill=\"#ffffff\" stroke=\"#d0d7de\"")) << "background";
  EXPECT_THAT(text, HasSubstr("<title>trial &quot;3&quot;</title></polygon>"));
  EXPECT_THAT(text, Not(HasSubstr("<polyline"))) << "one point is no line";
}

TEST(PlotsTest, NothingToShowIsAnEmptyText) {
  const StudyResults empty = Parsed(EmptyStudy());
  EXPECT_EQ(HistorySvg(empty), "");
  EXPECT_EQ(CurvesSvg(empty), "");
  EXPECT_EQ(CategoriesSvg(empty, "night"), "");
  auto failed = EmptyStudy();
  failed["trials"] = nlohmann::json::array({Failed(0, "diverged", "")});
  EXPECT_EQ(HistorySvg(Parsed(failed)), "");
}

// Every number of every coordinate is finite and inside the picture.
void ExpectInside(const std::string& svg) {
  ASSERT_NE(svg, "");
  EXPECT_THAT(svg, Not(HasSubstr("nan\"")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  for (const char* attribute : {" x=\"", " cx=\"", " x1=\"", " y=\"", " cy=\"", " y1=\""}) {
    for (auto at = svg.find(attribute); at != std::string::npos; at = svg.find(attribute, at + 1)) {
      const double value = std::stod(svg.substr(at + std::string(attribute).size()));
      EXPECT_GE(value, 0) << svg.substr(at, 20);
      EXPECT_LE(value, 4000) << svg.substr(at, 20);
    }
  }
}

TEST(PlotsTest, OneTrialAndEqualValuesHaveARange) {
  auto study = EmptyStudy();
  auto trial = Trial(0, "COMPLETE", 0.0);
  trial["curve"].push_back({{"epoch", 1}, {"seconds", 1}, {"metrics", {{"mAP", 0.0}}}});
  trial["tests"]["night"] = Score(0.0);
  study["trials"] = nlohmann::json::array({trial});
  ExpectInside(HistorySvg(Parsed(study)));
  ExpectInside(CurvesSvg(Parsed(study)));
  ExpectInside(CategoriesSvg(Parsed(study), "night"));
}

TEST(PlotsTest, InfiniteValuesAndUndefinedEpochsAreLeftOut) {
  auto study = EmptyStudy();
  study["direction"] = "minimize";
  auto trial = Trial(1, "COMPLETE", 0.5);
  trial["curve"] = {{{"epoch", 1}, {"metrics", {{"mAP", nullptr}}}},
                    {{"epoch", 2}, {"metrics", {{"mAP", "inf"}}}},
                    {{"epoch", 3}, {"metrics", {{"mAP", 0.5}}}}};
  study["trials"] = nlohmann::json::array({Trial(0, "COMPLETE", "inf"), trial});
  ExpectInside(HistorySvg(Parsed(study)));
  ExpectInside(CurvesSvg(Parsed(study)));
}

TEST(PlotsTest, ImportanceNamesTheParameterThatMattersFirst) {
  auto study = EmptyStudy();
  study["space"] = {{"optimizer.lr", {{"type", "float"}, {"low", 0.01}, {"high", 0.06}}},
                    {"batch", {{"type", "int"}, {"low", 1}, {"high", 8}}}};
  study["factors"] = {{"dataset", {"old", "new"}}};
  for (int i = 0; i < 40; ++i) {
    auto trial = Trial(i, "COMPLETE", 0.01 * i + (i % 2), {{"dataset", i % 2 == 0 ? "old" : "new"}});
    trial["params"]["batch"] = 1 + i * 5 % 8;
    trial["params"]["gone"] = 3;  // No longer in the space.
    study["trials"].push_back(trial);
    if (i == 8) {
      EXPECT_EQ(ImportanceSvg(Parsed(study)), "") << "nine trials say nothing";
    }
  }
  const std::string svg = ImportanceSvg(Parsed(study));
  ExpectInside(svg);
  EXPECT_LT(svg.find("variant dataset"), svg.find("optimizer.lr"));
  EXPECT_LT(svg.find("optimizer.lr"), svg.find(">batch"));
  EXPECT_LT(svg.find(">batch"), svg.find(">interactions"));
  EXPECT_THAT(svg, Not(HasSubstr("gone")));
  study["space"] = {{"optimizer.lr", {{"type", "flaot"}}}};
  EXPECT_THAT(ImportanceSvg(Parsed(study)), Not(HasSubstr("optimizer.lr")))
      << "costs its bars, not the report";
}

TEST(PlotsTest, ParetoShowsWhatMoreTimeBuys) {
  auto study = EmptyStudy();
  const double values[] = {0.2, 0.1, 0.5, 0.4};
  const double seconds[] = {10, 20, 30, 40};
  for (int i = 0; i < 4; ++i) {
    auto trial = Trial(i, "COMPLETE", values[i]);
    trial["seconds"] = seconds[i];
    study["trials"].push_back(trial);
  }
  const std::string svg = ParetoSvg(Parsed(study));
  ExpectInside(svg);
  EXPECT_THAT(svg, HasSubstr("trial 1: 0.100 in 20 s"));
  study["direction"] = "minimize";
  EXPECT_NE(ParetoSvg(Parsed(study)), svg);
  study["trials"][0]["value"] = 0.0;  // The fastest is the best.
  EXPECT_EQ(ParetoSvg(Parsed(study)), "");
}

TEST(PlotsTest, ManyCombinationsAndCategoriesStayBounded) {
  auto study = EmptyStudy();
  std::vector<std::string> levels;
  for (int i = 0; i < 15; ++i) {
    levels.push_back("level " + std::to_string(i));
    auto trial = Trial(i, "COMPLETE", 0.01 * i, {{"dataset", levels.back()}});
    trial["curve"] = {{{"epoch", 1}, {"metrics", {{"mAP", 0.1}}}},
                      {{"epoch", 2}, {"metrics", {{"mAP", 0.2}}}}};
    auto score = Score(0.5);
    for (int category = 1; category < 80; ++category) {
      auto row = score["per_category"][0];
      row["category_id"] = category;
      row["category"] = "category " + std::to_string(category);
      row["n_gt"] = 1000 - category;
      score["per_category"].push_back(row);
    }
    score["per_category"][79]["n_gt"] = 5000;
    trial["tests"]["night"] = score;
    study["trials"].push_back(trial);
  }
  study["factors"] = {{"dataset", levels}};
  const StudyResults results = Parsed(study);
  const std::string curves = CurvesSvg(results);
  ExpectInside(curves);
  EXPECT_THAT(curves, HasSubstr("level 14"));
  EXPECT_THAT(curves, Not(HasSubstr("level 2:"))) << "the best twelve";
  const std::string bars = CategoriesSvg(results, "night");
  ExpectInside(bars);
  EXPECT_THAT(bars, HasSubstr(">category 79<")) << "the most boxes are kept";
  EXPECT_THAT(bars, Not(HasSubstr(">category 40<")));
  EXPECT_THAT(bars, HasSubstr("level 14")) << "the leader is never left out";
  ExpectInside(HistorySvg(results));
}

}  // namespace
}  // namespace yoake::reports
