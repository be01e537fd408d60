#include "metrics/analyses/image_scores.h"

#include <gmock/gmock.h>

#include "core/rng.h"
#include "metrics/coco/coco_eval.h"
#include "tests/metrics/plain_counts.h"
#include "tests/metrics/random_scene.h"

namespace yoake::metrics {
namespace {

// The part of a scene that lies in one image.
Scene OnlyImage(const Scene& scene, const datasets::Image& image) {
  Scene part;
  part.truth.images = {image};
  part.truth.categories = scene.truth.categories;
  for (const auto& truth : scene.truth.annotations) {
    if (truth.image_id == image.id) part.truth.annotations.push_back(truth);
  }
  for (const Detection& detection : scene.detections) {
    if (detection.image_id == image.id) part.detections.push_back(detection);
  }
  return part;
}

TEST(ImageScoresTest, EqualAnEvaluationOfTheImageAlone) {
  RandomStream random(7);
  for (int round = 0; round < 10; ++round) {
    SceneOptions options;
    options.id_zero = false;
    options.truths = 20;  // Some image and category without.
    const Scene scene = RandomScene(options, &random);
    const EvaluationSet set(scene.truth, scene.detections);
    const auto scores = ScoreImages(FindOutcomes(set, .5), set.images().size(), .25);
    ASSERT_EQ(scores.size(), scene.truth.images.size());
    for (const datasets::Image& image : scene.truth.images) {
      const ImageScore& score = scores[set.images().Find(static_cast<std::int64_t>(image.id))];
      const Scene part = OnlyImage(scene, image);
      const auto ap = EvaluateCoco(part.truth, part.detections).stats.AP50;
      ASSERT_EQ(score.ap.has_value(), ap.has_value());
      EXPECT_NEAR(score.ap.value_or(0), ap.value_or(0), 1e-12);
      Counts expected;
      for (const auto& category : scene.truth.categories) {
        const Counts counts = PlainCounts(part, category.id, .5, .25);
        expected.true_positives += counts.true_positives;
        expected.false_positives += counts.false_positives;
        expected.false_negatives += counts.false_negatives;
      }
      EXPECT_EQ(score.counts.true_positives, expected.true_positives);
      EXPECT_EQ(score.counts.false_positives, expected.false_positives);
      EXPECT_EQ(score.counts.false_negatives, expected.false_negatives);
    }
  }
}

TEST(ImageScoresTest, WorstImagesAreThoseWithMostMistakes) {
  const auto score = [](std::uint32_t image, int fp, int fn) {
    return ImageScore{image, {9, fp, fn}, std::nullopt};
  };
  const std::vector<ImageScore> scores = {score(0, 1, 1), score(1, 0, 0), score(2, 0, 5), score(3, 2, 0)};
  std::vector<std::uint32_t> order;
  for (const ImageScore& worst : WorstImages(scores, 3)) order.push_back(worst.image);
  EXPECT_THAT(order, testing::ElementsAre(2, 0, 3));
  EXPECT_EQ(WorstImages(scores, 9).size(), 3u);
}

}  // namespace
}  // namespace yoake::metrics
