#include "metrics/coco/corrected_eval.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/metrics/random_scene.h"

namespace yoake::metrics {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

EvalResult Corrected(const Scene& scene) { return EvaluateCorrected(scene.truth, scene.detections, {}, {}); }

EvalResult Strict(const Scene& scene) { return EvaluateCoco(scene.truth, scene.detections); }

// Two boxes of one category in one image, both found.
Scene TwoBoxes() {
  Scene scene;
  scene.truth.images = {{datasets::ImageId{1}, "a.jpg", {}, 100, 100, 0}};
  scene.truth.categories = {{datasets::CategoryId{1}, "car", ""}};
  for (int i = 0; i < 2; ++i) {
    const Box box = {40.0 * i, 10, 20, 20};
    scene.truth.annotations.push_back(
        {datasets::AnnotationId{i + 1}, datasets::ImageId{1}, datasets::CategoryId{1}, box, 400});
    scene.detections.push_back({datasets::ImageId{1}, datasets::CategoryId{1}, box, 0.9 - 0.1 * i});
  }
  return scene;
}

void ExpectOneCorrection(const Scene& scene, double strict, double corrected, const std::string& what) {
  EXPECT_NEAR(*Strict(scene).stats.AP, strict, 1e-9);
  const EvalResult result = Corrected(scene);
  EXPECT_NEAR(*result.stats.AP, corrected, 1e-9);
  ASSERT_THAT(result.corrections, SizeIs(1));
  EXPECT_THAT(result.corrections[0].what, HasSubstr(what));
  EXPECT_EQ(result.corrections[0].changes[0].column, "mAP");
  EXPECT_NEAR(*result.corrections[0].changes[0].before, strict, 1e-9);
  EXPECT_NEAR(*result.corrections[0].changes[0].after, corrected, 1e-9);
  EXPECT_THAT(result.warnings, IsEmpty());
}

constexpr double kHalfRecall = 51.0 / 101;  // One of two found, without a false positive.

TEST(CorrectedEvalTest, AnnotationZeroIsMatched) {
  Scene scene = TwoBoxes();
  scene.truth.annotations[1].id = datasets::AnnotationId{0};
  ExpectOneCorrection(scene, kHalfRecall, 1, "annotation id 0");
}

TEST(CorrectedEvalTest, IgnoredTruthIsNeitherFoundNorMissed) {
  Scene scene = TwoBoxes();
  scene.truth.annotations[1].ignore = true;
  scene.detections.resize(1);
  ExpectOneCorrection(scene, kHalfRecall, 1, "`ignore`");
}

TEST(CorrectedEvalTest, WhoFindsIgnoredTruthIsNoFalsePositiveButOnlyOnce) {
  Scene scene = TwoBoxes();
  scene.truth.annotations[0].ignore = true;
  scene.detections.insert(scene.detections.begin() + 1, scene.detections[0]);
  scene.detections[1].score = 0.85;  // Again what is ignored: before the one that counts.
  EXPECT_NEAR(*Corrected(scene).stats.AP, .5, 1e-9);
}

TEST(CorrectedEvalTest, FlatTruthIsLeftOut) {
  Scene scene = TwoBoxes();
  scene.truth.annotations[1].box.w = 0;
  scene.detections.resize(1);
  ExpectOneCorrection(scene, kHalfRecall, 1, "without area");
  EXPECT_EQ(Corrected(scene).per_category[0].n_gt, 1);
}

TEST(CorrectedEvalTest, CopiesAreLeftOut) {
  Scene scene = TwoBoxes();
  scene.detections.push_back(scene.detections[0]);
  ExpectOneCorrection(scene, (51 + 50 * 2 / 3.0) / 101, 1, "copies");
}

TEST(CorrectedEvalTest, ChangesAddUpFromTheReferencesNumbers) {
  for (int i = 0; i < 20; ++i) {
    RandomStream random = RandomStream(5).Split(static_cast<std::uint64_t>(i));
    Scene scene = RandomScene({}, &random);
    for (auto& annotation : scene.truth.annotations) annotation.ignore = random.Chance(0.1);
    const EvalResult strict = Strict(scene), corrected = Corrected(scene);
    for (const std::string& column : MetricNames()) {
      auto value = MetricByName(strict, column);
      for (const Correction& correction : corrected.corrections) {
        for (const auto& change : correction.changes) {
          if (change.column != column) continue;
          EXPECT_EQ(change.before, value);
          value = change.after;
        }
      }
      EXPECT_EQ(MetricByName(corrected, column), value);
    }
    EXPECT_EQ(ToJson(corrected)["corrections"].size(), corrected.corrections.size());
  }
}

TEST(CorrectedEvalTest, ASoundSetStaysAsItIs) {
  const EvalResult result = Corrected(TwoBoxes());
  EXPECT_THAT(result.corrections, IsEmpty());
  EXPECT_EQ(ToJson(result), ToJson(Strict(TwoBoxes())));
}

}  // namespace
}  // namespace yoake::metrics
