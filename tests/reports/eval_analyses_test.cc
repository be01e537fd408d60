#include "reports/eval_analyses.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "metrics/coco/coco_eval.h"
#include "reports/eval_report.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"

namespace yoake::reports {
namespace {

using datasets::AnnotationId;
using datasets::CategoryId;
using datasets::ImageId;
using testing::ElementsAre;
using testing::HasSubstr;

// A car found (.9) and one missed, a bus taken for a car (.8), a car where nothing is (.7), in two images.
class EvalAnalysesTest : public testing::Test {
 protected:
  EvalAnalysesTest() {
    truth_.images = {{ImageId{1}, "a.jpg", {}, 100, 100, 0}, {ImageId{2}, "b|c.jpg", {}, 100, 100, 0}};
    truth_.categories = {{CategoryId{1}, "car", ""}, {CategoryId{2}, "bus, \"big\"", ""}};
    Truth(1, 1, 0);
    Truth(1, 1, 50);
    Truth(2, 2, 0);
    Detect(1, 1, 0, .9);
    Detect(2, 1, 0, .8);
    Detect(2, 1, 50, .7);
  }

  void Truth(int image, int category, double x) {
    truth_.annotations.push_back({AnnotationId{static_cast<int>(truth_.annotations.size()) + 1},
                                  ImageId{image},
                                  CategoryId{category},
                                  {x, 0, 10, 10},
                                  100,
                                  false});
  }
  void Detect(int image, int category, double x, double score) {
    detections_.push_back({ImageId{image}, CategoryId{category}, {x, 0, 10, 10}, score});
  }

  // The set and the input are gone when the views are used: they keep nothing of them.
  std::vector<NamedView> Views(const std::vector<std::string>& names, double threshold = .75) const {
    metrics::AnalysisOptions options;
    options.score_threshold = threshold;
    const metrics::EvaluationSet set(truth_, detections_);
    return Analyse(metrics::AnalysisInput(set, options), names);
  }

  datasets::Dataset truth_;
  std::vector<metrics::Detection> detections_;
};

TEST_F(EvalAnalysesTest, JsonHoldsTheDocumentedValues) {
  const nlohmann::json json = AnalysesJson(Views({"all"}));
  EXPECT_EQ(json["f1"]["all"]["true_positives"], 1);
  EXPECT_EQ(json["f1"]["all"]["false_positives"], 1);
  EXPECT_EQ(json["f1"]["all"]["false_negatives"], 2);
  EXPECT_EQ(json["f1"]["all"]["best"]["score_threshold"], .9);
  EXPECT_EQ(json["f1"]["per_category"][1]["best"], nullptr);
  EXPECT_EQ(json["f1"]["per_category"][1]["category"], "bus, \"big\"");
  EXPECT_EQ(json["confusion"]["matrix"], nlohmann::json::parse("[[1, 0, 1], [1, 0, 0], [0, 0, 0]]"));
  EXPECT_EQ(json["confusion"]["mixed_up"][0]["predicted"], "car");
  EXPECT_EQ(json["errors"]["all"]["errors"]["classification"]["count"], 1);
  EXPECT_EQ(json["errors"]["all"]["errors"]["background"]["count"], 1);
  EXPECT_EQ(json["errors"]["all"]["errors"]["missed"]["count"], 1);
  EXPECT_EQ(json["calibration"]["all"]["n_dt"], 3);
  EXPECT_EQ(json["images"]["worst"][0]["file_name"], "b|c.jpg");
  EXPECT_EQ(json["images"]["per_image"].size(), 2u);
  EXPECT_EQ(json["scores"]["all"]["true_positives"][17], 0);  // [.85, .9)
  EXPECT_EQ(json["scores"]["all"]["true_positives"][18], 1);  // [.9, .95)
  EXPECT_EQ(json["scores"]["edges"].size(), 21u);
}

TEST_F(EvalAnalysesTest, WhatWasAskedComesInOneOrder) {
  std::vector<std::string> names;
  for (const NamedView& view : Views({"scores", "f1", "f1"})) names.push_back(view.name);
  EXPECT_THAT(names, ElementsAre("f1", "scores"));
  EXPECT_EQ(Views({"all"}).size(), Analyses().size());
  EXPECT_THAT(MessageOf([&] { Views({"confusoin"}); }), HasSubstr("did you mean 'confusion'?"));
}

TEST_F(EvalAnalysesTest, MarkdownEscapesAndCsvQuotesNames) {
  EXPECT_THAT(RenderTables(Views({"images"}), "markdown"),
              HasSubstr("| b\\|c.jpg | 2 | 0 | 1 | 1 | 0.000 |"));
  const std::string csv = RenderTables(Views({"confusion"}), "csv");
  EXPECT_THAT(csv, HasSubstr("\n# confusion\ntruth,car,\"bus, \"\"big\"\"\",missed\ncar,1,0,1\n"));
  EXPECT_THAT(csv, HasSubstr("background,0,0,\n"));
}

TEST_F(EvalAnalysesTest, ReadersGetThreeDecimalsMachinesAll) {
  const auto views = Views({"f1"}, .6);  // Recall 1/3.
  EXPECT_THAT(RenderTables(views, "table"),
              HasSubstr("all            3      0.333   0.333  0.333   1   2   2\n"));
  EXPECT_THAT(RenderTables(views, "csv"), HasSubstr("all,3,0.3333333333333333,0.3333333333333333,"));
}

TEST_F(EvalAnalysesTest, AnEvaluationCarriesItsAnalyses) {
  const metrics::EvalResult result = metrics::EvaluateCoco(truth_, detections_);
  const auto json = nlohmann::json::parse(RenderEval(result, Views({"errors"}), "json"));
  EXPECT_TRUE(json.contains("stats"));
  EXPECT_EQ(json["analyses"].size(), 1u);
  EXPECT_FALSE(nlohmann::json::parse(RenderEval(result, {}, "json")).contains("analyses"));
  EXPECT_THAT(RenderEval(result, Views({"errors"}), "table"), HasSubstr("\n\nErrors (TIDE)"));
}

TEST_F(EvalAnalysesTest, AFolderGetsEveryTableAndPictureOnce) {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "analyses";
  WriteAnalyses(Views({"all"}), folder);
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path().filename());
  EXPECT_THAT(files,
              ElementsAre("best_thresholds.csv", "calibration.csv", "confusion.csv", "confusion.svg",
                          "errors.csv", "errors_by_category.csv", "f_by_threshold.svg", "images.csv",
                          "mixed_up.csv", "operating_points.csv", "precision_recall.svg", "reliability.csv",
                          "reliability.svg", "reliability_adaptive.csv", "scores.csv"));
  EXPECT_THAT(ReadFile(folder / "images.csv"), HasSubstr("\na.jpg,1,1,0,1,"));
}

// What readers are spared, machines get.
TEST_F(EvalAnalysesTest, OfManyCategoriesReadersSeeTheLargest) {
  for (int id = 3; id <= 30; ++id) {
    truth_.categories.push_back({CategoryId{id}, "c" + std::to_string(id), ""});
    if (id > 25) Truth(2, id, 10 * id);
    if (id > 25) Truth(2, id, 1000 + 10 * id);
  }
  const std::string scores = RenderTables(Views({"scores"}), "table");
  EXPECT_THAT(scores, HasSubstr("5 of 30 categories, those with the most truth boxes."));
  EXPECT_THAT(scores, HasSubstr("  car TP  car FP  c26 TP"));  // Two boxes each, car by its position first.
  EXPECT_THAT(scores, testing::Not(HasSubstr("bus")));
  EXPECT_THAT(RenderTables(Views({"scores"}), "csv"), HasSubstr("c3 TP"));
  EXPECT_THAT(RenderTables(Views({"confusion"}), "markdown"), testing::Not(HasSubstr("background")));
  EXPECT_THAT(RenderTables(Views({"confusion"}), "csv"), HasSubstr("background"));
  EXPECT_THAT(Views({"confusion"})[0].view->Pictures()[0].svg, HasSubstr("24 of 30 categories"));
}

TEST_F(EvalAnalysesTest, NothingGivenIsLaidOutToo) {
  detections_.clear();
  for (const char* format : {"table", "markdown", "csv"})
    EXPECT_FALSE(RenderTables(Views({"all"}), format).empty());
  EXPECT_EQ(AnalysesJson(Views({"all"}))["calibration"]["all"]["equal_width"]["ece"], nullptr);
  truth_ = {};
  for (const NamedView& view : Views({"all"})) {
    EXPECT_FALSE(view.view->Tables(Detail::kReader).empty());
    for (const Picture& picture : view.view->Pictures()) EXPECT_THAT(picture.svg, HasSubstr("</svg>"));
  }
}

TEST_F(EvalAnalysesTest, ScoresThatAreNoProbabilitiesAreSaid) {
  Detect(1, 1, 50, 7.5);
  EXPECT_THAT(RenderTables(Views({"calibration"}), "table"),
              HasSubstr("Left out with scores outside [0, 1]: 1 detection."));
  EXPECT_EQ(AnalysesJson(Views({"scores"}))["scores"]["edges"].back(), 7.5);
}

TEST(AnalysisOptionsTest, RefusesWhatIsOutOfRange) {
  const auto message = [](auto set) {
    metrics::AnalysisOptions options;
    set(&options);
    return MessageOf([&] { options.Validate(); });
  };
  using Options = metrics::AnalysisOptions;
  EXPECT_THAT(message([](Options* o) { o->iou = 1.5; }),
              HasSubstr("iou: expected a number in (0, 1], got 1.5"));
  EXPECT_THAT(message([](Options* o) { o->iou = .05; }),
              HasSubstr("background_iou: expected a number in (0, iou = 0.05], got 0.1"));
  EXPECT_THAT(message([](Options* o) { o->beta = 0; }), HasSubstr("beta: expected a number above 0"));
  EXPECT_THAT(message([](Options* o) { o->calibration_bins = 0; }),
              HasSubstr("calibration_bins: expected at least 1"));
}

}  // namespace
}  // namespace yoake::reports
