#include "metrics/uncertainty/reweighted_ap.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

#include "core/rng.h"
#include "metrics/coco/coco_eval.h"
#include "tests/metrics/random_scene.h"

namespace yoake::metrics {
namespace {

// The columns of a lane, rows as Evaluate()'s; nothing where undefined.
using Columns = std::vector<std::vector<std::optional<double>>>;

Columns ColumnsOfLane(const std::vector<LaneMeans>& means, std::size_t lane) {
  Columns columns;
  for (const LaneMeans& row : means) {
    auto& values = columns.emplace_back();
    for (std::size_t c = 0; c < kColumns; ++c) {
      values.push_back(row.count[c][lane] > 0 ? std::optional(row.sum[c][lane] / row.count[c][lane])
                                              : std::nullopt);
    }
  }
  return columns;
}

Columns Evaluated(const Scene& scene) {
  CocoParams params;
  params.keep_arrays = false;
  const EvalResult result = EvaluateCoco(scene.truth, scene.detections, params);
  Columns columns;
  for (const CategoryRow& row : result.per_category) {
    auto& values = columns.emplace_back();
    for (const std::string& name : MetricNames()) values.push_back(MetricOfCategory(row, name));
  }
  auto& whole = columns.emplace_back();
  for (const std::string& name : MetricNames()) whole.push_back(MetricByName(result, name));
  return columns;
}

// The scene with image i (by ascending id) `weights[i]` times, copies side by side in the order of the ids.
Scene Repeated(const Scene& scene, const std::vector<int>& weights) {
  Scene repeated;
  repeated.truth.categories = scene.truth.categories;
  std::map<datasets::ImageId, std::vector<datasets::ImageId>> copies;
  std::map<datasets::ImageId, datasets::Image> images;
  for (const datasets::Image& image : scene.truth.images) images[image.id] = image;
  std::int64_t next = 1;
  std::size_t position = 0;
  for (const auto& [id, image] : images) {
    for (int copy = 0; copy < weights[position]; ++copy) {
      copies[id].push_back(datasets::ImageId{next++});
      repeated.truth.images.push_back(image);
      repeated.truth.images.back().id = copies[id].back();
    }
    ++position;
  }
  std::int64_t next_annotation = 1;
  for (const datasets::Annotation& annotation : scene.truth.annotations) {
    for (const datasets::ImageId image : copies[annotation.image_id]) {
      repeated.truth.annotations.push_back(annotation);
      repeated.truth.annotations.back().image_id = image;
      // Annotation 0 has a meaning of its own: its copies keep the id.
      if (annotation.id != datasets::AnnotationId{0}) {
        repeated.truth.annotations.back().id = datasets::AnnotationId{next_annotation++};
      }
    }
  }
  for (const Detection& detection : scene.detections) {
    for (const datasets::ImageId image : copies[detection.image_id]) {
      repeated.detections.push_back(detection);
      repeated.detections.back().image_id = image;
    }
  }
  return repeated;
}

// No two detections of one image and category have equal scores any more; ties across images stay.
void BreakTiesWithinImages(Scene* scene) {
  std::set<std::tuple<datasets::ImageId, datasets::CategoryId, double>> seen;
  for (Detection& detection : scene->detections) {
    while (!seen.emplace(detection.image_id, detection.category_id, detection.score).second) {
      detection.score += 1.0 / 64;
    }
  }
}

Scene SceneOf(int number, int images, int detections) {
  SceneOptions options;
  options.images = images;
  options.detections = detections;
  options.truths = detections / 3;
  RandomStream random = RandomStream(11).Split(static_cast<std::uint64_t>(number));
  return RandomScene(options, &random);
}

TEST(ReweightedApTest, WeightsOfOneGiveTheEvaluatorsNumbersToTheLastBit) {
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    // From almost nothing to more than 100 detections an image and category.
    const Scene scene = SceneOf(i, 1 + i % 9, 3 << (i % 10));
    const ReweightedAp model(MatchCoco(scene.truth, scene.detections));
    LaneWeights weights(scene.truth.images.size());
    for (auto& weight : weights) weight.lane.fill(1);
    const auto means = model.Evaluate(weights);
    for (const std::size_t lane : {std::size_t{0}, kLanes - 1}) {
      EXPECT_EQ(ColumnsOfLane(means, lane), Evaluated(scene));
    }
  }
}

TEST(ReweightedApTest, EachLaneEqualsTheSetWithItsImagesRepeated) {
  for (int i = 0; i < 30; ++i) {
    Scene scene = SceneOf(100 + i, 4 + i % 7, 20 << (i % 5));
    BreakTiesWithinImages(&scene);
    const ReweightedAp model(MatchCoco(scene.truth, scene.detections));
    RandomStream random = RandomStream(12).Split(static_cast<std::uint64_t>(i));
    LaneWeights weights(scene.truth.images.size());
    for (auto& lanes : weights) {
      for (auto& weight : lanes.lane)
        weight = static_cast<std::uint16_t>(random.Chance(0.4) ? 0 : random.Below(5));
    }
    weights[0].lane[2] = 300;
    const auto means = model.Evaluate(weights);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      SCOPED_TRACE(testing::Message() << "scene " << i << ", lane " << lane);
      std::vector<int> of_lane;
      for (const auto& lanes : weights) of_lane.push_back(lanes.lane[lane]);
      EXPECT_EQ(ColumnsOfLane(means, lane), Evaluated(Repeated(scene, of_lane)));
    }
  }
}

TEST(ReweightedApTest, ThreadsDoNotChangeTheMatching) {
  const Scene scene = SceneOf(200, 9, 300);
  const MatchedSet one = MatchCoco(scene.truth, scene.detections, 1);
  const MatchedSet three = MatchCoco(scene.truth, scene.detections, 3);
  ASSERT_EQ(one.categories.size(), three.categories.size());
  LaneWeights weights(scene.truth.images.size());
  for (auto& weight : weights) weight.lane.fill(1);
  EXPECT_EQ(ColumnsOfLane(ReweightedAp(one).Evaluate(weights), 0),
            ColumnsOfLane(ReweightedAp(three).Evaluate(weights), 0));
}

TEST(ReweightedApTest, AnEmptySetIsUndefined) {
  const ReweightedAp model(MatchCoco({}, {}));
  const auto means = model.Evaluate({});
  ASSERT_EQ(means.size(), 1u);
  EXPECT_EQ(means[0].count[0][0], 0);
}

}  // namespace
}  // namespace yoake::metrics
