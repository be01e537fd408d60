#include "metrics/analyses/confusion.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "core/rng.h"
#include "tests/metrics/plain_counts.h"
#include "tests/metrics/random_scene.h"

namespace yoake::metrics {
namespace {

using datasets::AnnotationId;
using datasets::CategoryId;
using datasets::ImageId;

using Rows = std::vector<std::vector<int>>;

Rows RowsOf(const ConfusionMatrix& matrix) {
  Rows rows;
  for (std::size_t t = 0; t <= matrix.categories(); ++t) {
    rows.emplace_back();
    for (std::size_t p = 0; p <= matrix.categories(); ++p) rows.back().push_back(matrix.At(t, p));
  }
  return rows;
}

ConfusionMatrix Confusion(const Scene& scene, double iou, double threshold) {
  const EvaluationSet set(scene.truth, scene.detections);
  return FindConfusion(ImageOverlaps(set, iou), iou, threshold);
}

// The header's rule word by word on plain lists.
Rows PlainConfusion(const Scene& scene, double iou, double threshold) {
  std::vector<CategoryId> categories;
  for (const auto& category : scene.truth.categories) categories.push_back(category.id);
  std::sort(categories.begin(), categories.end());
  const auto position = [&](CategoryId id) {
    return std::find(categories.begin(), categories.end(), id) - categories.begin();
  };
  const auto background = static_cast<std::ptrdiff_t>(categories.size());
  Rows rows(categories.size() + 1, std::vector<int>(categories.size() + 1, 0));
  for (const auto& image : scene.truth.images) {
    std::vector<datasets::Annotation> truths;
    std::vector<Detection> detections;
    for (const auto& t : scene.truth.annotations) {
      if (t.image_id == image.id) truths.push_back(t);
    }
    for (const auto& d : scene.detections) {
      if (d.image_id == image.id && d.score >= threshold) detections.push_back(d);
    }
    std::stable_sort(detections.begin(), detections.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    std::vector<bool> taken(truths.size(), false);
    for (const auto& d : detections) {
      struct Key {
        double iou;
        bool own;
        int index;
        auto operator<=>(const Key&) const = default;
      };
      Key best{-1, false, -1};
      bool crowd = false;
      for (int g = 0; g < static_cast<int>(truths.size()); ++g) {
        const double overlap = PlainIou(d.box, truths[g]);
        const bool own = truths[g].category_id == d.category_id;
        if (overlap < iou) continue;
        if (truths[g].crowd) {
          crowd = crowd || own;
        } else if (!taken[g]) {
          best = std::max(best, Key{overlap, own, g});
        }
      }
      if (best.index >= 0) {
        taken[best.index] = true;
        ++rows[position(truths[best.index].category_id)][position(d.category_id)];
      } else if (!crowd) {
        ++rows[background][position(d.category_id)];
      }
    }
    for (std::size_t g = 0; g < truths.size(); ++g) {
      if (!taken[g] && !truths[g].crowd) ++rows[position(truths[g].category_id)][background];
    }
  }
  return rows;
}

TEST(ConfusionTest, EqualsTheRuleOnRandomScenes) {
  RandomStream random(5);
  for (int round = 0; round < 40; ++round) {
    const Scene scene = RandomScene({}, &random);
    for (const double threshold : {-1.0, .25, .75}) {
      EXPECT_EQ(RowsOf(Confusion(scene, .5, threshold)), PlainConfusion(scene, .5, threshold));
    }
    EXPECT_EQ(RowsOf(Confusion(scene, .75, 0)), PlainConfusion(scene, .75, 0));
  }
}

TEST(ConfusionTest, OneCategoryGivesCocoCounts) {
  RandomStream random(6);
  SceneOptions options;
  options.categories = 1;
  options.id_zero = false;
  for (int round = 0; round < 20; ++round) {
    const Scene scene = RandomScene(options, &random);
    const Counts counts = PlainCounts(scene, CategoryId{0}, .5, .25);
    EXPECT_EQ(RowsOf(Confusion(scene, .5, .25)),
              (Rows{{counts.true_positives, counts.false_negatives}, {counts.false_positives, 0}}));
  }
}

TEST(ConfusionTest, DetectionsBeyondTheLimitOfACategoryTakeNoPart) {
  Scene scene;
  scene.truth.images = {{ImageId{1}, "a", {}, 100, 100, 0}};
  scene.truth.categories = {{CategoryId{1}, "car", ""}, {CategoryId{2}, "bus", ""}};
  for (int i = 0; i < 3; ++i) {
    for (const CategoryId category : {CategoryId{1}, CategoryId{2}}) {
      scene.detections.push_back({ImageId{1}, category, {0, 0, 9, 9}, .5});
    }
  }
  const EvaluationSet set(scene.truth, scene.detections);
  EXPECT_EQ(RowsOf(FindConfusion(ImageOverlaps(set, .5, 2), .5, 0)), (Rows{{0, 0, 0}, {0, 0, 0}, {2, 2, 0}}));
}

// Truth that the corrections take from the count is treated as a crowd: neither to be found nor missed.
TEST(ConfusionTest, IgnoredTruthIsNeitherFoundNorMissedWhenCorrected) {
  Scene scene;
  scene.truth.images = {{ImageId{1}, "a", {}, 100, 100, 0}};
  scene.truth.categories = {{CategoryId{1}, "car", ""}};
  scene.truth.annotations = {{AnnotationId{1}, ImageId{1}, CategoryId{1}, {0, 0, 9, 9}, 81, false},
                             {AnnotationId{2}, ImageId{1}, CategoryId{1}, {50, 0, 9, 9}, 81, false}};
  for (auto& truth : scene.truth.annotations) truth.ignore = true;
  scene.detections = {{ImageId{1}, CategoryId{1}, {0, 0, 9, 9}, .5}};
  SetOptions options;
  options.corrections.ignore = true;
  const EvaluationSet set(scene.truth, scene.detections, options);
  EXPECT_EQ(RowsOf(FindConfusion(ImageOverlaps(set, .5), .5, 0)), (Rows{{0, 0}, {0, 0}}));
  EXPECT_EQ(RowsOf(Confusion(scene, .5, 0)), (Rows{{1, 1}, {0, 0}}));
}

TEST(ConfusionTest, CopiesOfADetectionCountOnceWhenCorrected) {
  Scene scene;
  scene.truth.images = {{ImageId{1}, "a", {}, 100, 100, 0}};
  scene.truth.categories = {{CategoryId{1}, "car", ""}, {CategoryId{2}, "bus", ""}};
  for (const CategoryId category : {CategoryId{1}, CategoryId{2}, CategoryId{1}, CategoryId{1}}) {
    scene.detections.push_back({ImageId{1}, category, {0, 0, 9, 9}, .5});
  }
  scene.detections.push_back({ImageId{1}, CategoryId{1}, {0, 0, 9, 8}, .5});
  SetOptions options;
  options.corrections.duplicates = true;
  const EvaluationSet set(scene.truth, scene.detections, options);
  EXPECT_EQ(RowsOf(FindConfusion(ImageOverlaps(set, .5), .5, 0)), (Rows{{0, 0, 0}, {0, 0, 0}, {2, 1, 0}}));
  EXPECT_EQ(RowsOf(Confusion(scene, .5, 0)), (Rows{{0, 0, 0}, {0, 0, 0}, {4, 1, 0}}));
}

TEST(ConfusionTest, MixedUpCategoriesAreSortedByCount) {
  ConfusionMatrix matrix(3);
  for (const auto& [t, p] : {std::pair{0, 1}, {1, 2}, {1, 2}, {2, 2}, {3, 1}, {0, 3}, {2, 0}}) {
    matrix.Add(static_cast<std::size_t>(t), static_cast<std::size_t>(p));
  }
  std::vector<std::string> mistakes;
  for (const Mistake& m : MixedUpCategories(matrix)) {
    mistakes.push_back(std::to_string(m.truth) + ">" + std::to_string(m.predicted) + ":" +
                       std::to_string(m.count));
  }
  EXPECT_THAT(mistakes, testing::ElementsAre("1>2:2", "0>1:1", "2>0:1"));
  EXPECT_EQ(matrix.TruthBoxes(1), 2);
}

}  // namespace
}  // namespace yoake::metrics
