#include "metrics/coco/coco_eval.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/rng.h"
#include "tests/metrics/plain_reference.h"
#include "tests/metrics/random_scene.h"
#include "tests/support/message_of.h"

namespace yoake::metrics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kScenes = 40;

std::vector<double> DefaultThresholds() {
  std::vector<double> thresholds;
  for (int i = 0; i < 9; ++i) thresholds.push_back(i * ((.95 - .5) / 9) + .5);
  thresholds.push_back(.95);
  return thresholds;
}

EvalResult Evaluate(const Scene& scene, const CocoParams& params = {}) {
  return EvaluateCoco(scene.truth, scene.detections, params);
}

nlohmann::json Numbers(const EvalResult& result) {
  nlohmann::json json = ToJson(result);
  json.erase("warnings");
  return json;
}

// One image, one category, one truth box of 10 x 10 with id 1, and that box detected.
Scene OneBox() {
  Scene scene;
  scene.truth.images = {{datasets::ImageId{1}, "a.jpg", {}, 100, 100, 0}};
  scene.truth.categories = {{datasets::CategoryId{1}, "car", ""}};
  scene.truth.annotations = {{datasets::AnnotationId{1},
                              datasets::ImageId{1},
                              datasets::CategoryId{1},
                              {10, 10, 10, 10},
                              100,
                              false}};
  scene.detections = {{datasets::ImageId{1}, datasets::CategoryId{1}, {10, 10, 10, 10}, 0.5}};
  return scene;
}

void ExpectEqualArrays(const CocoArrays& arrays, const CocoArrays& expected) {
  EXPECT_EQ(arrays.precision, expected.precision);
  EXPECT_EQ(arrays.recall, expected.recall);
  EXPECT_EQ(arrays.scores, expected.scores);
}

TEST(CocoEvalTest, EqualsThePlainRulesOnRandomScenes) {
  for (int i = 0; i < kScenes; ++i) {
    RandomStream random = RandomStream(1).Split(static_cast<std::uint64_t>(i));
    const Scene scene = RandomScene({}, &random);
    SCOPED_TRACE(i);
    ExpectEqualArrays(Evaluate(scene).arrays,
                      PlainReference(scene.truth, scene.detections, DefaultThresholds(), {1, 10, 100}));
  }
}

TEST(CocoEvalTest, EqualsThePlainRulesWithMoreTruthsInAnImageThanAMaskHasBits) {
  SceneOptions options;
  options.images = 1;
  options.categories = 1;
  options.truths = 150;
  options.detections = 300;
  RandomStream random(2);
  const Scene scene = RandomScene(options, &random);
  ExpectEqualArrays(Evaluate(scene).arrays,
                    PlainReference(scene.truth, scene.detections, DefaultThresholds(), {1, 10, 100}));
}

TEST(CocoEvalTest, TakesOtherThresholdsAndLimits) {
  CocoParams params;
  params.iou_thresholds = {.3, .5, 1};
  params.max_detections = {2, 7};
  RandomStream random(3);
  const Scene scene = RandomScene({}, &random);
  const EvalResult result = Evaluate(scene, params);
  ExpectEqualArrays(result.arrays, PlainReference(scene.truth, scene.detections, {.3, .5, 1}, {2, 7}));
  EXPECT_TRUE(result.stats.AP.has_value());
  EXPECT_TRUE(result.stats.AP50.has_value());
  EXPECT_FALSE(result.stats.AP75.has_value());   // .75 is not among the thresholds,
  EXPECT_FALSE(result.stats.AR100.has_value());  // 100 not among the limits.
}

TEST(CocoEvalTest, WithoutArraysTheNumbersStay) {
  RandomStream random(4);
  const Scene scene = RandomScene({}, &random);
  CocoParams params;
  params.keep_arrays = false;
  const EvalResult result = Evaluate(scene, params);
  EXPECT_TRUE(result.arrays.precision.empty());
  EXPECT_EQ(ToJson(result), ToJson(Evaluate(scene)));
}

TEST(CocoEvalTest, TheOrderOfImagesAndCategoriesInTheFileDoesNotMatter) {
  for (int i = 0; i < kScenes; ++i) {
    RandomStream random = RandomStream(5).Split(static_cast<std::uint64_t>(i));
    Scene scene = RandomScene({}, &random);
    const EvalResult before = Evaluate(scene);
    random.Shuffle(scene.truth.images);
    random.Shuffle(scene.truth.categories);
    const EvalResult after = Evaluate(scene);
    EXPECT_EQ(ToJson(after), ToJson(before));
    ExpectEqualArrays(after.arrays, before.arrays);
  }
}

TEST(CocoEvalTest, OnlyTheOrderOfScoresMatters) {
  for (int i = 0; i < kScenes; ++i) {
    RandomStream random = RandomStream(6).Split(static_cast<std::uint64_t>(i));
    Scene scene = RandomScene({}, &random);
    const nlohmann::json before = Numbers(Evaluate(scene));
    for (Detection& detection : scene.detections) detection.score = std::exp(3 * detection.score) - 5;
    EXPECT_EQ(Numbers(Evaluate(scene)), before);
  }
}

TEST(CocoEvalTest, ShiftedIdsDoNotMatter) {
  constexpr std::int64_t kFar = std::int64_t{1} << 52;  // Too far apart for a table of ids.
  for (int i = 0; i < kScenes; ++i) {
    RandomStream random = RandomStream(7).Split(static_cast<std::uint64_t>(i));
    SceneOptions options;
    options.id_zero = false;
    Scene scene = RandomScene(options, &random);
    const EvalResult before = Evaluate(scene);
    const auto shift = [](auto* id, std::int64_t factor, std::int64_t offset) {
      *id = std::remove_reference_t<decltype(*id)>{static_cast<std::int64_t>(*id) * factor + offset};
    };
    for (auto& image : scene.truth.images) shift(&image.id, kFar / 100, 17);
    for (auto& category : scene.truth.categories) shift(&category.id, kFar / 100, 5);
    for (auto& annotation : scene.truth.annotations) {
      shift(&annotation.id, 1, kFar);
      shift(&annotation.image_id, kFar / 100, 17);
      shift(&annotation.category_id, kFar / 100, 5);
    }
    for (auto& detection : scene.detections) {
      shift(&detection.image_id, kFar / 100, 17);
      shift(&detection.category_id, kFar / 100, 5);
    }
    ExpectEqualArrays(Evaluate(scene).arrays, before.arrays);
  }
}

TEST(CocoEvalTest, AFalsePositiveNeverRaisesAColumn) {
  for (int i = 0; i < kScenes; ++i) {
    RandomStream random = RandomStream(8).Split(static_cast<std::uint64_t>(i));
    Scene scene = RandomScene({}, &random);
    const EvalResult before = Evaluate(scene);
    Detection far = scene.detections[random.Below(scene.detections.size())];
    far.box = {5000, 5000, 32, 32};
    far.score = random.Uniform(-1, 2);
    scene.detections.push_back(far);
    const EvalResult after = Evaluate(scene);
    for (std::size_t k = 0; k < before.per_category.size(); ++k) {
      for (const std::string& column : MetricNames()) {
        const auto old_value = MetricOfCategory(before.per_category[k], column);
        const auto new_value = MetricOfCategory(after.per_category[k], column);
        ASSERT_EQ(new_value.has_value(), old_value.has_value());
        EXPECT_LE(new_value.value_or(-1), old_value.value_or(-1)) << column;
      }
    }
  }
}

TEST(CocoEvalTest, APerfectDetectorScoresOne) {
  const EvalResult result = Evaluate(OneBox());
  EXPECT_NEAR(*result.stats.AP, 1, 1e-15);
  EXPECT_EQ(result.stats.AR100, 1);
  EXPECT_EQ(result.stats.APl, std::nullopt);
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(CocoEvalTest, NoDetectionsScoreZeroWhereThereIsTruth) {
  Scene scene = OneBox();
  scene.detections.clear();
  scene.truth.categories.push_back({datasets::CategoryId{2}, "bus", ""});
  const EvalResult result = Evaluate(scene);
  EXPECT_EQ(result.stats.AP, 0);
  EXPECT_EQ(result.per_category[0].AR_100, 0);
  EXPECT_EQ(result.per_category[1].mAP, std::nullopt);
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("there are no detections"),
                                           HasSubstr("1 category has no truth and no AP")));
}

TEST(CocoEvalTest, AnEmptyDatasetIsUndefinedEverywhere) {
  const EvalResult result = EvaluateCoco({}, {});
  EXPECT_EQ(result.stats.AP, std::nullopt);
  EXPECT_THAT(result.per_category, IsEmpty());
}

TEST(CocoEvalTest, ADetectionOfAnUnknownImageIsAnErrorWithIdAndIndex) {
  Scene scene = OneBox();
  scene.detections.push_back(scene.detections[0]);
  scene.detections[1].image_id = datasets::ImageId{999};
  const std::string message = MessageOf([&] { Evaluate(scene); });
  EXPECT_THAT(message, HasSubstr("detection 1: image_id 999 is not among the truth's images"));
}

TEST(CocoEvalTest, RefusesNumbersThatAreNotFinite) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Scene scene = OneBox();
    scene.detections[0].score = bad;
    EXPECT_THAT(MessageOf([&] { Evaluate(scene); }), HasSubstr("detection 0: score and box must be finite"));
    scene = OneBox();
    scene.detections[0].box.w = bad;
    EXPECT_THAT(MessageOf([&] { Evaluate(scene); }), HasSubstr("detection 0: score and box must be finite"));
  }
}

TEST(CocoEvalTest, ParamsNameFieldAndRange) {
  const auto message = [](std::vector<double> thresholds, std::vector<int> limits) {
    CocoParams params;
    params.iou_thresholds = std::move(thresholds);
    params.max_detections = std::move(limits);
    return MessageOf([&] { params.Validate(); });
  };
  EXPECT_EQ(message({}, {100}), "no error");
  EXPECT_EQ(message({.5, 1}, {1, 300}), "no error");
  EXPECT_THAT(message({0}, {1}), HasSubstr("iou_thresholds: expected ascending numbers in (0, 1], got 0"));
  EXPECT_THAT(message({1.5}, {1}), HasSubstr("iou_thresholds"));
  EXPECT_THAT(message({.5, .5}, {1}), HasSubstr("iou_thresholds"));
  EXPECT_THAT(message({std::nan("")}, {1}), HasSubstr("iou_thresholds"));
  EXPECT_THAT(message(std::vector<double>(17, .5), {1}), HasSubstr("at most 16"));
  EXPECT_THAT(message({}, {}), HasSubstr("max_detections: at least one"));
  EXPECT_THAT(message({}, {10, 1}), HasSubstr("max_detections: expected ascending"));
  EXPECT_THAT(message({}, {0}), HasSubstr("max_detections"));
}

struct WarningCase {
  const char* name;
  std::function<void(Scene*)> spoil;
  const char* warning;
};

class CocoEvalWarningTest : public testing::TestWithParam<WarningCase> {};

TEST_P(CocoEvalWarningTest, SaysWhereTheNumberMisleads) {
  Scene scene = OneBox();
  GetParam().spoil(&scene);
  EXPECT_THAT(Evaluate(scene).warnings, ElementsAre(HasSubstr(GetParam().warning)));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CocoEvalWarningTest,
    testing::Values(
        WarningCase{"IdZero", [](Scene* s) { s->truth.annotations[0].id = datasets::AnnotationId{0}; },
                    "truth annotation id 0 (image 1)"},
        WarningCase{"FlatTruth",
                    [](Scene* s) {
                      s->truth.annotations.push_back(s->truth.annotations[0]);
                      s->truth.annotations[1].id = datasets::AnnotationId{8};
                      s->truth.annotations[1].box.w = 0;
                    },
                    "1 truth box has no area (first: annotation 8)"},
        WarningCase{"FlatDetection",
                    [](Scene* s) {
                      s->detections.push_back(s->detections[0]);
                      s->detections[1].box.h = 0;
                    },
                    "1 detection has no area (first: detection 1)"},
        WarningCase{"UnknownCategory",
                    [](Scene* s) {
                      s->detections.push_back(s->detections[0]);
                      s->detections[1].category_id = datasets::CategoryId{9};
                    },
                    "1 detection is of a category that the truth does not have (id 9): left out"},
        WarningCase{
            "CategoryWithoutTruth",
            [](Scene* s) {
              s->truth.categories.push_back({datasets::CategoryId{2}, "bus", ""});
              s->detections.push_back(s->detections[0]);
              s->detections[1].category_id = datasets::CategoryId{2};
            },
            "1 category has no truth and no AP, and the means leave them out: bus; 1 detection of them"},
        WarningCase{"CrowdAloneIsNoTruth", [](Scene* s) { s->truth.annotations[0].crowd = true; },
                    "1 category has no truth"},
        WarningCase{"Cut",
                    [](Scene* s) {
                      for (int i = 0; i < 101; ++i) {
                        s->detections.push_back(s->detections[0]);
                        s->detections.back().score = 0.4 - 0.001 * i;
                      }
                    },
                    "2 detections are not scored: only the best 100"},
        WarningCase{"Duplicate",
                    [](Scene* s) {
                      s->detections.push_back(s->detections[0]);
                      s->detections.push_back(s->detections[0]);
                    },
                    "2 detections equal another in image, category, box and score (first: detection 1)"},
        WarningCase{"TruthOfNoImage",
                    [](Scene* s) {
                      s->truth.annotations.push_back(s->truth.annotations[0]);
                      s->truth.annotations[1].id = datasets::AnnotationId{4};
                      s->truth.annotations[1].image_id = datasets::ImageId{4};
                    },
                    "1 truth annotation names an image or category that the file does not list (first: "
                    "annotation 4)"}),
    [](const auto& test) { return test.param.name; });

TEST(CocoEvalTest, WhoFindsAnnotationZeroIsAFalsePositiveAsInTheReference) {
  Scene scene = OneBox();
  scene.truth.annotations[0].id = datasets::AnnotationId{0};
  EXPECT_EQ(Evaluate(scene).stats.AP, 0);
}

}  // namespace
}  // namespace yoake::metrics
