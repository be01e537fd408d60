#include "metrics/matching/evaluation_set.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>

#include "metrics/coco/coco_eval.h"
#include "tests/metrics/plain_reference.h"
#include "tests/metrics/random_scene.h"
#include "tests/support/message_of.h"

namespace yoake::metrics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kScenes = 30;

Scene SceneNumber(int i, const SceneOptions& options = {}) {
  RandomStream random = RandomStream(11).Split(static_cast<std::uint64_t>(i));
  return RandomScene(options, &random);
}

EvalResult Evaluate(const Scene& scene, const SetOptions& options, const CocoParams& params = {}) {
  return EvaluateCoco(EvaluationSet(scene.truth, scene.detections, options), params);
}

void ExpectEqualArrays(const CocoArrays& arrays, const CocoArrays& expected) {
  EXPECT_EQ(arrays.precision, expected.precision);
  EXPECT_EQ(arrays.recall, expected.recall);
  EXPECT_EQ(arrays.scores, expected.scores);
}

TEST(EvaluationSetTest, ThreadsDoNotMatterWhereCategoriesAreCutIntoImages) {
  SceneOptions options;
  options.images = 60;
  options.categories = 2;
  options.truths = 2000;
  options.detections = 30000;
  const Scene scene = SceneNumber(0, options);
  const EvalResult one = Evaluate(scene, {});
  for (const int threads : {2, 3, 8}) {
    CocoParams params;
    params.threads = threads;
    const EvalResult many = EvaluateCoco(scene.truth, scene.detections, params);
    EXPECT_EQ(ToJson(many), ToJson(one));
    ExpectEqualArrays(many.arrays, one.arrays);
  }
}

// Integer boxes and the masks of their pixels have the same areas and overlaps.
TEST(EvaluationSetTest, MasksOfBoxesScoreAsTheBoxes) {
  constexpr int kSide = 256;
  const auto mask = [](const Box& box) {
    return datasets::MaskFromPolygons({{box.x + 8, box.y + 8, box.w, box.h}}, kSide, kSide);
  };
  for (int i = 0; i < kScenes; ++i) {
    Scene scene = SceneNumber(i);
    DetectionMasks masks;
    for (const auto& annotation : scene.truth.annotations) scene.truth.masks.push_back(mask(annotation.box));
    for (Detection& detection : scene.detections) {
      masks.masks.push_back(mask(detection.box));
    }
    const EvalResult boxes = Evaluate(scene, {});
    for (Detection& detection : scene.detections) detection.box = {};  // Nothing looks at them.
    SetOptions options;
    options.masks = &masks;
    const EvalResult result = Evaluate(scene, options);
    ExpectEqualArrays(result.arrays, boxes.arrays);
    EXPECT_EQ(ToJson(result)["per_category"], ToJson(boxes)["per_category"]);
  }
}

TEST(EvaluationSetTest, GivenBoxesDecideTheAreaOfAMaskAsInTheReference) {
  Scene scene;
  scene.truth.images = {{datasets::ImageId{1}, "a.jpg", {}, 100, 100, 0}};
  scene.truth.categories = {{datasets::CategoryId{1}, "car", ""}};
  scene.truth.annotations = {
      {datasets::AnnotationId{1}, datasets::ImageId{1}, datasets::CategoryId{1}, {0, 0, 10, 10}, 100}};
  scene.truth.masks = {datasets::MaskFromPolygons({{0, 0, 10, 10}}, 100, 100)};
  scene.detections = {{datasets::ImageId{1}, datasets::CategoryId{1}, {50, 50, 50, 50}, 0.9},
                      {datasets::ImageId{1}, datasets::CategoryId{1}, {0, 0, 10, 10}, 0.5}};
  DetectionMasks masks;
  masks.masks = {datasets::MaskFromPolygons({{50, 50, 10, 10}}, 100, 100), scene.truth.masks[0]};
  SetOptions options;
  options.masks = &masks;
  EXPECT_NEAR(*Evaluate(scene, options).stats.APs, .5, 1e-9);  // A small false positive comes first.
  masks.boxes_given = true;
  const EvalResult result = Evaluate(scene, options);
  EXPECT_NEAR(*result.stats.APs, 1, 1e-9);  // Its box is medium.
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("takes areas from the boxes")));
  options.corrections.mask_area = true;
  EXPECT_NEAR(*Evaluate(scene, options).stats.APs, .5, 1e-9);
}

TEST(EvaluationSetTest, AMaskOfAnotherSizeMatchesNothingAndIsReported) {
  Scene scene;
  scene.truth.images = {{datasets::ImageId{1}, "a.jpg", {}, 100, 100, 0}};
  scene.truth.categories = {{datasets::CategoryId{1}, "car", ""}};
  scene.truth.annotations = {
      {datasets::AnnotationId{1}, datasets::ImageId{1}, datasets::CategoryId{1}, {0, 0, 10, 10}, 100}};
  scene.truth.masks = {datasets::MaskFromPolygons({{0, 0, 10, 10}}, 100, 100)};
  scene.detections = {{datasets::ImageId{1}, datasets::CategoryId{1}, {}, 0.9}};
  DetectionMasks masks;
  masks.masks = {datasets::MaskFromPolygons({{0, 0, 10, 10}}, 50, 50)};
  SetOptions options;
  options.masks = &masks;
  const EvalResult result = Evaluate(scene, options);
  EXPECT_EQ(result.stats.AP, 0);
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("1 detected mask is of another size")));
}

// cocoeval.py with useCats = 0 joins an image's categories in ascending order.
TEST(EvaluationSetTest, ClassAgnosticIsOneCategoryInTheOrderOfTheCategories) {
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene = SceneNumber(i);
    SetOptions options;
    options.class_agnostic = true;
    const EvalResult result = Evaluate(scene, options);
    Scene joined = scene;
    const auto join = [](auto* items) {
      std::stable_sort(items->begin(), items->end(),
                       [](const auto& a, const auto& b) { return a.category_id < b.category_id; });
      for (auto& item : *items) item.category_id = datasets::CategoryId{0};
    };
    join(&joined.truth.annotations);
    join(&joined.detections);
    joined.truth.categories.resize(1);
    joined.truth.categories[0].id = datasets::CategoryId{0};
    const CocoParams defaults = CocoParams{}.Full();
    ExpectEqualArrays(result.arrays, PlainReference(joined.truth, joined.detections, defaults.iou_thresholds,
                                                    defaults.max_detections));
    ASSERT_EQ(result.per_category.size(), 1);
    EXPECT_EQ(result.per_category[0].category, "all");
    EXPECT_EQ(result.per_category[0].category_id, datasets::CategoryId{-1});
  }
}

TEST(EvaluationSetTest, ChosenImagesAndCategoriesAreASmallerSet) {
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene = SceneNumber(i);
    SetOptions options;
    Scene smaller = scene;
    const auto keep = [](auto* items, auto predicate) { std::erase_if(*items, std::not_fn(predicate)); };
    const auto odd = [](auto id) { return static_cast<std::int64_t>(id) % 2 == 1; };
    keep(&smaller.truth.images, [&](const auto& image) { return odd(image.id); });
    keep(&smaller.truth.categories, [&](const auto& category) { return odd(category.id); });
    const auto inside = [&](const auto& item) { return odd(item.image_id) && odd(item.category_id); };
    keep(&smaller.truth.annotations, inside);
    keep(&smaller.detections, inside);
    for (const auto& image : smaller.truth.images) options.images.push_back(image.id);
    for (const auto& category : smaller.truth.categories) options.categories.push_back(category.id);
    std::reverse(options.images.begin(), options.images.end());
    const EvalResult result = Evaluate(scene, options), expected = Evaluate(smaller, {});
    ExpectEqualArrays(result.arrays, expected.arrays);
    // Only the position of an example may differ: detections are counted in what was given.
    EXPECT_EQ(ToJson(result)["per_category"], ToJson(expected)["per_category"]);
    EXPECT_EQ(result.warnings.size(), expected.warnings.size());
  }
}

TEST(EvaluationSetTest, RefusesWhatTheTruthDoesNotHave) {
  Scene scene = SceneNumber(0);
  SetOptions options;
  options.images = {datasets::ImageId{7}, datasets::ImageId{8}};
  EXPECT_THAT(MessageOf([&] { Evaluate(scene, options); }), HasSubstr("the truth has no image of id 8"));
  options.images = {datasets::ImageId{7}};
  options.categories = {datasets::CategoryId{1}};
  EXPECT_THAT(MessageOf([&] { Evaluate(scene, options); }), HasSubstr("the truth has no category of id 1"));
  // Also where only some images are chosen, as loadRes looks at all detections.
  options.categories = {};
  scene.detections[5].image_id = datasets::ImageId{99};
  EXPECT_THAT(MessageOf([&] { Evaluate(scene, options); }),
              HasSubstr("detection 5: image_id 99 is not among"));
}

TEST(EvaluationSetTest, ManyEqualDetectionsInOneCellAreNoTrouble) {
  Scene scene;
  scene.truth.images = {{datasets::ImageId{1}, "a.jpg", {}, 100, 100, 0}};
  scene.truth.categories = {{datasets::CategoryId{1}, "car", ""}};
  for (int i = 0; i < 10000; ++i) {
    scene.truth.annotations.push_back(
        {datasets::AnnotationId{i + 1}, datasets::ImageId{1}, datasets::CategoryId{1}, {0, 0, 10, 10}, 100});
  }
  scene.detections.assign(100000, {datasets::ImageId{1}, datasets::CategoryId{1}, {0, 0, 10, 10}, 0.5});
  const EvalResult result = Evaluate(scene, {});
  EXPECT_DOUBLE_EQ(*result.stats.AR100, 0.01);
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("99900 detections are not scored"),
                                           HasSubstr("99 detections equal another")));
}

TEST(EvaluationSetTest, NothingAtAllIsAResult) {
  for (const bool agnostic : {false, true}) {
    SetOptions options;
    options.class_agnostic = agnostic;
    options.threads = 3;
    EXPECT_FALSE(Evaluate({}, options).stats.AP.has_value());
  }
}

}  // namespace
}  // namespace yoake::metrics
