#include "metrics/analyses/operating_points.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include "core/rng.h"
#include "tests/metrics/plain_counts.h"
#include "tests/metrics/random_scene.h"

namespace yoake::metrics {
namespace {

using testing::ElementsAre;

auto Numbers(const Counts& counts) {
  return std::tuple(counts.true_positives, counts.false_positives, counts.false_negatives);
}

CategoryOutcomes Outcomes(int truth, const std::vector<std::pair<double, bool>>& detections) {
  CategoryOutcomes outcomes;
  outcomes.truth_boxes = truth;
  for (const auto& [score, right] : detections) outcomes.detections.push_back({score, 0, right});
  return outcomes;
}

TEST(CountsTest, KnowsWhatIsUndefined) {
  struct Case {
    Counts counts;
    std::optional<double> precision, recall, f1, f2;
  };
  const std::vector<Case> cases = {
      {{0, 0, 0}, {}, {}, {}, {}},
      {{0, 0, 3}, {}, 0.0, 0.0, 0.0},
      {{0, 2, 0}, 0.0, {}, 0.0, 0.0},
      {{0, 2, 3}, 0.0, 0.0, 0.0, 0.0},
      {{3, 1, 0}, .75, 1.0, 6.0 / 7, 15.0 / 16},
      {{2, 0, 2}, 1.0, .5, 2.0 / 3, 10.0 / 18},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(c.counts.Precision(), c.precision);
    EXPECT_EQ(c.counts.Recall(), c.recall);
    EXPECT_EQ(c.counts.F(), c.f1);
    EXPECT_EQ(c.counts.F(2), c.f2);
  }
}

TEST(OperatingPointsTest, EqualScoresAreOnePoint) {
  const auto points = OperatingPoints(Outcomes(3, {{.9, true}, {.5, false}, {.5, true}, {.1, false}}));
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[1].threshold, .5);
  EXPECT_EQ(Numbers(points[1].counts), std::tuple(2, 1, 1));
}

// A false positive above two true ones: the envelope of precision promises P = 1 at recall .5 of the
// first point, no threshold gives it together with the recall of the third.
TEST(OperatingPointsTest, BestPointIsOneThatExists) {
  const auto best = BestPoint(OperatingPoints(Outcomes(2, {{.9, false}, {.8, true}, {.7, true}})));
  ASSERT_TRUE(best);
  EXPECT_EQ(best->threshold, .7);
  EXPECT_EQ(best->counts.F(), 4.0 / 5);
}

TEST(OperatingPointsTest, AmongEqualsTheHighestThresholdIsBest) {
  const auto best = BestPoint(OperatingPoints(
      Outcomes(4, {{.9, true}, {.8, true}, {.7, false}, {.6, false}, {.5, false}, {.4, true}, {.3, true}})));
  EXPECT_EQ(best->threshold, .3);  // 8/11 beats 4/6.
  const auto equal =
      BestPoint(OperatingPoints(Outcomes(3, {{.9, true}, {.8, false}, {.7, false}, {.6, true}})));
  EXPECT_EQ(equal->threshold, .6);  // 4/7 beats 2/4.
  const auto same = BestPoint(OperatingPoints(Outcomes(1, {{.9, true}, {.8, false}})));
  EXPECT_EQ(same->threshold, .9);
}

TEST(OperatingPointsTest, NothingFoundHasNoBestPoint) {
  EXPECT_FALSE(BestPoint(OperatingPoints(Outcomes(2, {{.9, false}}))));
  EXPECT_FALSE(BestPoint(OperatingPoints(Outcomes(0, {{.9, false}}))));
  EXPECT_FALSE(BestPoint({}));
}

TEST(OperatingPointsTest, EveryThresholdCountsAsIfTheRestHadNeverBeenGiven) {
  RandomStream random(1);
  for (int round = 0; round < 20; ++round) {
    SceneOptions options;
    options.id_zero = false;
    const Scene scene = RandomScene(options, &random);
    const EvaluationSet set(scene.truth, scene.detections);
    for (const double iou : {.5, .75}) {
      const auto outcomes = FindOutcomes(set, iou);
      std::set<double, std::greater<>> scores;
      for (const Detection& detection : scene.detections) scores.insert(detection.score);
      for (const double threshold : scores) {
        Counts all;
        for (std::size_t k = 0; k < set.categories().size(); ++k) {
          const Counts expected = PlainCounts(scene, set.categories()[k]->id, iou, threshold);
          EXPECT_EQ(Numbers(CountsAt(outcomes.categories[k], threshold)), Numbers(expected));
          all.true_positives += expected.true_positives;
          all.false_positives += expected.false_positives;
          all.false_negatives += expected.false_negatives;
        }
        EXPECT_EQ(Numbers(CountsAt(outcomes.all, threshold)), Numbers(all));
        const auto points = OperatingPoints(outcomes.all);
        const auto point = std::find_if(points.begin(), points.end(),
                                        [&](const OperatingPoint& p) { return p.threshold == threshold; });
        // A score whose detections are all in crowds makes no point.
        if (point != points.end()) {
          EXPECT_EQ(Numbers(point->counts), Numbers(all));
        }
        EXPECT_GE(BestPoint(points)->counts.F(), all.F());
      }
    }
  }
}

TEST(OutcomesTest, TruthIsListedByImageWithoutCrowds) {
  RandomStream random(2);
  const Scene scene = RandomScene({}, &random);
  const EvaluationSet set(scene.truth, scene.detections);
  const auto outcomes = FindOutcomes(set, .5);
  std::vector<int> boxes(scene.truth.images.size(), 0);
  for (const auto& truth : scene.truth.annotations) {
    boxes[set.images().Find(static_cast<std::int64_t>(truth.image_id))] += !truth.crowd;
  }
  int sum = 0;
  for (const ImageTruth& truth : outcomes.all.truth) {
    EXPECT_EQ(static_cast<int>(truth.boxes), boxes[truth.image]);
    sum += static_cast<int>(truth.boxes);
  }
  EXPECT_EQ(sum, outcomes.all.truth_boxes);
}

}  // namespace
}  // namespace yoake::metrics
