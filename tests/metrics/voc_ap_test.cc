#include "metrics/coco/voc_ap.h"

#include <gmock/gmock.h>

#include "metrics/coco/coco_eval.h"
#include "tests/metrics/random_scene.h"
#include "tests/support/message_of.h"

namespace yoake::metrics {
namespace {

using testing::HasSubstr;

constexpr datasets::ImageId kImage{1};
constexpr datasets::CategoryId kCategory{1};

class VocApTest : public testing::Test {
 protected:
  VocApTest() {
    scene_.truth.images = {{kImage, "a.jpg", {}, 500, 500, 0}};
    scene_.truth.categories = {{kCategory, "car", ""}};
  }

  void Truth(Box box, bool ignore = false) {
    const auto id = datasets::AnnotationId{static_cast<int>(scene_.truth.annotations.size()) + 1};
    scene_.truth.annotations.push_back({id, kImage, kCategory, box, box.area(), false, ignore});
  }
  void Detected(Box box, double score) { scene_.detections.push_back({kImage, kCategory, box, score}); }

  VocAp Evaluate(double iou = .5) {
    return EvaluateVoc(EvaluationSet(scene_.truth, scene_.detections), iou)[0];
  }

  Scene scene_;
};

Box Square(double x) { return {x, 0, 10, 10}; }

TEST_F(VocApTest, BothFormsOfAKnownCurve) {
  for (int i = 0; i < 4; ++i) Truth(Square(20 * i));
  Detected(Square(0), .9);    // 1 of 1 right, recall 1/4
  Detected(Square(300), .8);  // wrong
  Detected(Square(20), .7);   // 2 of 3, recall 2/4
  const VocAp ap = Evaluate();
  EXPECT_NEAR(*ap.eleven_point, (3 * 1.0 + 3 * 2.0 / 3) / 11, 1e-12);  // recalls 0 .1 .2, then .3 .4 .5
  EXPECT_NEAR(*ap.all_point, .25 * 1 + .25 * 2 / 3, 1e-12);
}

// COCO's match takes the next best free box instead.
TEST_F(VocApTest, OnlyTheTruthOverlappedMostIsLookedAt) {
  Truth({0, 0, 10, 10});
  Truth({2, 0, 10, 10});
  Detected({0, 0, 10, 10}, .9);
  Detected({0.5, 0, 10, 10}, .8);  // Overlaps the first most, the second by more than half.
  EXPECT_NEAR(*Evaluate().all_point, .5, 1e-12);
  CocoParams params;
  params.iou_thresholds = {.5};
  EXPECT_NEAR(*EvaluateCoco(scene_.truth, scene_.detections, params).stats.AP50, 1, 1e-12);
}

TEST_F(VocApTest, DifficultTruthIsNeitherFoundNorMissedHoweverOften) {
  Truth(Square(0), true);
  Truth(Square(100));
  Detected(Square(0), .9);
  Detected(Square(0), .8);
  Detected(Square(100), .7);
  EXPECT_NEAR(*Evaluate().all_point, 1, 1e-12);
}

TEST_F(VocApTest, TiesAreInFileOrder) {
  Truth(Square(0));
  Detected(Square(100), .5);
  Detected(Square(0), .5);
  EXPECT_NEAR(*Evaluate().all_point, .5, 1e-12);
}

TEST_F(VocApTest, WithoutTruthUndefinedWithoutDetectionsZero) {
  Detected(Square(0), .5);
  EXPECT_FALSE(Evaluate().all_point.has_value());
  Truth(Square(0));
  scene_.detections.clear();
  EXPECT_EQ(Evaluate().eleven_point, 0);
}

TEST_F(VocApTest, TheThresholdIsReachedByEquality) {
  Truth({0, 0, 10, 10});
  Detected({0, 0, 10, 5}, .5);
  EXPECT_EQ(Evaluate(.5).all_point, 1);
  EXPECT_EQ(Evaluate(.51).all_point, 0);
  EXPECT_THAT(MessageOf([&] { Evaluate(0); }), HasSubstr("VOC's IoU: expected a number in (0, 1], got 0"));
}

TEST_F(VocApTest, ColumnsStandBesideCocos) {
  Truth(Square(0));
  Detected(Square(0), .5);
  scene_.truth.categories.push_back({datasets::CategoryId{2}, "bus", ""});
  const EvaluationSet set(scene_.truth, scene_.detections);
  EvalResult result = EvaluateCoco(set);
  AddVocColumns(set, .5, 2, &result);
  EXPECT_EQ(MetricByName(result, "VOC12"), 1);
  EXPECT_EQ(MetricByName(result, "car.VOC07"), 1);
  EXPECT_EQ(MetricByName(result, "bus.VOC07"), std::nullopt);
}

}  // namespace
}  // namespace yoake::metrics
