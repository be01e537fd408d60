#include "metrics/uncertainty/comparison.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/rng.h"
#include "metrics/coco/coco_eval.h"
#include "metrics/uncertainty/column_draws.h"
#include "metrics/uncertainty/statistics.h"
#include "tests/metrics/random_scene.h"
#include "tests/support/message_of.h"

namespace yoake::metrics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Scene SceneOf(std::uint64_t seed, int images = 40) {
  SceneOptions options;
  options.images = images;
  options.truths = 6 * images;
  options.detections = 10 * images;
  options.id_zero = false;
  RandomStream random(seed);
  return RandomScene(options, &random);
}

std::vector<Detection> Shaken(std::vector<Detection> detections, std::uint64_t seed, double by) {
  RandomStream random(seed);
  for (Detection& detection : detections) detection.score += by * random.Normal();
  return detections;
}

ComparedModel Model(const std::string& name, const Scene& scene, const std::vector<std::uint64_t>& seeds,
                    double by = 0.3) {
  ComparedModel model{name, {}};
  for (const std::uint64_t seed : seeds) {
    model.seeds.push_back(MatchCoco(scene.truth, Shaken(scene.detections, seed, by)));
  }
  return model;
}

CompareOptions Quick(int threads = 1) {
  CompareOptions options;
  options.bootstrap.replicates = 200;
  options.bootstrap.threads = threads;
  return options;
}

Comparison Compared(const std::vector<ComparedModel>& models, const Scene& scene, int threads = 1) {
  return CompareModels(models, 0, EachImage(scene.truth.images.size()), Quick(threads));
}

TEST(BootstrapTest, TheSameSeedGivesTheSameDrawsWithAnyNumberOfThreads) {
  const Scene scene = SceneOf(1);
  const ReweightedAp model(MatchCoco(scene.truth, scene.detections));
  const ReweightedAp* models[] = {&model};
  BootstrapOptions options = Quick().bootstrap;
  const auto one = Bootstrap(models, EachImage(40), options);
  options.threads = 3;
  options.replicates = 300;
  const auto three = Bootstrap(models, EachImage(40), options);
  options.seed = 1;
  const auto other = Bootstrap(models, EachImage(40), options);
  std::size_t differ = 0;
  for (std::size_t row = 0; row < one[0].replicates.rows(); ++row) {
    for (std::size_t draw = 0; draw < 200; ++draw) {
      const auto value = one[0].replicates.At(row, 0, draw);
      EXPECT_EQ(value, three[0].replicates.At(row, 0, draw)) << "also of more replicates";
      differ += value != other[0].replicates.At(row, 0, draw);
    }
    for (std::size_t draw = 0; draw < one[0].jackknife.draws(); ++draw) {
      EXPECT_EQ(one[0].jackknife.At(row, 0, draw), three[0].jackknife.At(row, 0, draw));
    }
  }
  EXPECT_GT(differ, 500u);
}

TEST(BootstrapTest, ALeftOutImageIsTheSetWithoutIt) {
  Scene scene = SceneOf(2, 6);
  const ReweightedAp model(MatchCoco(scene.truth, scene.detections));
  const ReweightedAp* models[] = {&model};
  const auto draws = Bootstrap(models, EachImage(6), Quick().bootstrap);
  std::vector<double> left_out;
  for (std::size_t draw = 0; draw < 6; ++draw) {
    left_out.push_back(draws[0].jackknife.At(draws[0].jackknife.whole(), 0, draw).value());
  }
  std::vector<double> expected;
  for (int out = 0; out < 6; ++out) {
    Scene less = scene;
    const datasets::ImageId id = scene.truth.images[static_cast<std::size_t>(out)].id;
    std::erase_if(less.truth.images, [&](const auto& image) { return image.id == id; });
    std::erase_if(less.truth.annotations, [&](const auto& a) { return a.image_id == id; });
    std::erase_if(less.detections, [&](const auto& d) { return d.image_id == id; });
    expected.push_back(*EvaluateCoco(less.truth, less.detections).stats.AP);
  }
  EXPECT_THAT(left_out, testing::UnorderedElementsAreArray(expected));  // Groups are in random order.
}

TEST(BootstrapTest, EqualKeysMakeAGroup) {
  const ResamplingUnits units = UnitsByKey({"a", "b", "a", "c", "b"});
  EXPECT_EQ(units.count, 3u);
  EXPECT_THAT(units.unit_of_image, ElementsAre(0, 1, 0, 2, 1));
}

// Every image twice, the pairs as groups: no more information than each once, and the columns are ratios.
TEST(BootstrapTest, TwinsInOneGroupAreDrawnTogether) {
  Scene scene = SceneOf(9, 12);
  scene.detections = Shaken(scene.detections, 1, 0.3);  // Ties are ordered by image: none here.
  Scene twins = scene;
  const auto add_twins = [](auto* items, auto id_of) {
    const std::size_t count = items->size();
    for (std::size_t i = 0; i < count; ++i) {
      items->push_back((*items)[i]);
      auto& id = id_of(items->back());
      id = datasets::ImageId{static_cast<std::int64_t>(id) + 100000};
    }
  };
  add_twins(
      &twins.truth.images, [](auto& image) -> auto& { return image.id; });
  add_twins(
      &twins.truth.annotations, [](auto& annotation) -> auto& { return annotation.image_id; });
  add_twins(
      &twins.detections, [](auto& detection) -> auto& { return detection.image_id; });
  ResamplingUnits pairs = EachImage(12);
  for (std::uint32_t unit = 0; unit < 12; ++unit) pairs.unit_of_image.push_back(unit);

  const ReweightedAp single(MatchCoco(scene.truth, scene.detections));
  const ReweightedAp twice(MatchCoco(twins.truth, twins.detections));
  const ReweightedAp* single_model[] = {&single};
  const ReweightedAp* twice_model[] = {&twice};
  const auto expected = Bootstrap(single_model, EachImage(12), Quick().bootstrap);
  const auto draws = Bootstrap(twice_model, pairs, Quick().bootstrap);
  for (std::size_t draw = 0; draw < 200; ++draw) {
    EXPECT_NEAR(*draws[0].replicates.At(draws[0].replicates.whole(), 0, draw),
                *expected[0].replicates.At(expected[0].replicates.whole(), 0, draw), 1e-12);
  }
}

TEST(BootstrapTest, KeysComeFromFileNames) {
  datasets::Dataset truth;
  truth.images = {{datasets::ImageId{2}, "day/0002_x.jpg", {}, 1, 1, 0},
                  {datasets::ImageId{1}, "night/0001_y.jpg", {}, 1, 1, 0}};
  EXPECT_THAT(KeysByPattern(truth, "^([a-z]+)/"), ElementsAre("night", "day"));  // By ascending id.
  EXPECT_THAT(KeysByPattern(truth, "_."), ElementsAre("_y", "_x"));
  EXPECT_THAT(MessageOf([&] { KeysByPattern(truth, "^day"); }),
              HasSubstr("'night/0001_y.jpg' does not match the pattern '^day'"));
  EXPECT_THAT(MessageOf([&] { KeysByPattern(truth, "("); }), HasSubstr("bad regular expression"));
}

TEST(ComparisonTest, ValuesAreTheEvaluatorsAndDifferencesTheirDifferences) {
  const Scene scene = SceneOf(3);
  const Comparison comparison = Compared({Model("a", scene, {1}), Model("b", scene, {2})}, scene);
  const EvalResult a = EvaluateCoco(scene.truth, Shaken(scene.detections, 1, 0.3));
  const EvalResult b = EvaluateCoco(scene.truth, Shaken(scene.detections, 2, 0.3));
  const ModelResult& result = comparison.models[1];
  EXPECT_EQ(comparison.models[0].whole.columns[0].value, a.stats.AP);
  EXPECT_EQ(result.whole.columns[0].value, b.stats.AP);
  EXPECT_EQ(result.whole.columns[0].difference->delta, *b.stats.AP - *a.stats.AP);
  EXPECT_FALSE(comparison.models[0].whole.columns[0].difference);
  for (std::size_t k = 0; k < b.per_category.size(); ++k) {
    EXPECT_EQ(result.categories[k].columns[4].value, b.per_category[k].mAP_m);
    EXPECT_EQ(result.categories[k].truth.boxes, b.per_category[k].n_gt);
    EXPECT_GE(result.categories[k].columns[0].difference->p_holm,
              result.categories[k].columns[0].difference->interval.p);
  }
}

TEST(ComparisonTest, AModelAgainstItselfHasNoDifferenceAndNoNoise) {
  const Scene scene = SceneOf(4);
  const Comparison comparison = Compared({Model("a", scene, {1}), Model("b", scene, {1})}, scene);
  for (const ColumnResult& column : comparison.models[1].whole.columns) {
    if (!column.value) continue;
    EXPECT_EQ(column.difference->delta, 0);
    EXPECT_EQ(column.difference->interval.standard_error, 0);
    EXPECT_EQ(column.difference->interval.p, 1);
    EXPECT_TRUE(column.difference->within_noise());
  }
}

TEST(ComparisonTest, OneImageProvesNothingAboutOthers) {
  SceneOptions options;
  options.images = 1;
  options.truths = 20;
  RandomStream random(10);
  const Scene scene = RandomScene(options, &random);
  const Comparison comparison = Compared({Model("a", scene, {1}), Model("b", scene, {2})}, scene);
  const Difference& difference = *comparison.models[1].whole.columns[0].difference;
  ASSERT_NE(difference.delta, 0);
  EXPECT_TRUE(difference.within_noise());
  EXPECT_EQ(difference.interval.p, 1);
}

TEST(ComparisonTest, PairingMakesTheIntervalNarrowerThanTwoModelsApart) {
  const Scene scene = SceneOf(5);
  const Comparison comparison = Compared({Model("a", scene, {1}, 0.05), Model("b", scene, {2}, 0.05)}, scene);
  const ColumnResult& cell = comparison.models[1].whole.columns[0];
  EXPECT_LT(cell.difference->interval.standard_error, cell.interval.standard_error);
  EXPECT_LT(cell.difference->detectable, DetectableAlone(cell, comparison.options, 0));
}

TEST(ComparisonTest, SeedsWidenTheInterval) {
  const Scene scene = SceneOf(6);
  const std::vector<std::uint64_t> several = {1, 2, 3};
  const Comparison comparison =
      Compared({Model("a", scene, several), Model("b", scene, {4, 5, 6}), Model("c", scene, {7})}, scene);
  std::vector<double> values;
  for (const std::uint64_t seed : several) {
    values.push_back(*EvaluateCoco(scene.truth, Shaken(scene.detections, seed, 0.3)).stats.AP);
  }
  const ModelResult& a = comparison.models[0];
  EXPECT_NEAR(*a.whole.columns[0].value, Mean(values), 1e-15);
  EXPECT_GE(a.whole.columns[0].interval.standard_error, std::sqrt(Variance(values) / 3));
  // A single file beside several: their variance stands in for its own, whole.
  const Interval& single = comparison.models[2].whole.columns[0].difference->interval;
  EXPECT_GE(single.standard_error, std::sqrt(Variance(values) * (1 + 1.0 / 3)));
}

TEST(ComparisonTest, ModelsOfDifferentTruthsAreRefused) {
  const Scene scene = SceneOf(7);
  const Scene other = SceneOf(8, 41);
  EXPECT_THAT(MessageOf([&] {
                Compared({Model("a", scene, {1}), Model("b", other, {1})}, scene);
              }),
              HasSubstr("'a' and 'b' were matched against different truths"));
}

}  // namespace
}  // namespace yoake::metrics
