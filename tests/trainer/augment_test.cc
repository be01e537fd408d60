#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>
#include <set>

#include "core/rng.h"
#include "trainer/augment/affine.h"
#include "trainer/augment/letterbox.h"
#include "trainer/augment/mosaic.h"
#include "trainer/augment/multi_scale.h"
#include "trainer/augment/pipeline.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

// A black picture with one painted rectangle and its box: whatever is done to both, the paint must stay under
// the box.
Sample Painted(int width, int height, const cv::Rect& rectangle) {
  Sample sample;
  sample.image = cv::Mat(height, width, CV_8UC3, cv::Scalar::all(0));
  sample.image(rectangle).setTo(cv::Scalar::all(255));
  sample.boxes = {{{static_cast<double>(rectangle.x), static_cast<double>(rectangle.y),
                    static_cast<double>(rectangle.width), static_cast<double>(rectangle.height)},
                   3}};
  return sample;
}

// Bounding box of what is white.
Box Paint(const cv::Mat& image) {
  cv::Mat grey;
  cv::extractChannel(image, grey, 1);
  const cv::Rect found = cv::boundingRect(grey > 180);
  return {static_cast<double>(found.x), static_cast<double>(found.y), static_cast<double>(found.width),
          static_cast<double>(found.height)};
}

void ExpectNear(const Box& a, const Box& b, double tolerance) {
  EXPECT_NEAR(a.x, b.x, tolerance);
  EXPECT_NEAR(a.y, b.y, tolerance);
  EXPECT_NEAR(a.right(), b.right(), tolerance);
  EXPECT_NEAR(a.bottom(), b.bottom(), tolerance);
}

bool SamePixels(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

// Where a transform mixes in no other image.
class NoOther : public SampleSource {
 public:
  std::size_t size() const override { return 1; }
  Sample Load(std::size_t) const override { return {}; }
  std::vector<Cutout> CutOut(std::size_t) const override { return {}; }
};

// The transform with `changes` laid over its defaults, done whatever its prob.
void Apply(const std::string& name, const TransformParams& changes, std::uint64_t seed, Sample* sample,
           const SampleSource& source = NoOther(), int size = 96) {
  const TransformType& type = FindTransformType(name);
  TransformParams params = DefaultParams(type);
  for (const auto& [param, value] : changes) params.at(param) = value;
  RandomStream random(seed);
  type.make(params)({size, source, &random}, sample);
}

cv::Mat GreyRamp() {
  cv::Mat ramp(1, 256, CV_8UC3);
  for (int i = 0; i < 256; ++i) ramp.at<cv::Vec3b>(0, i) = cv::Vec3b::all(static_cast<unsigned char>(i));
  return ramp;
}

cv::Mat Random(int rows, int columns) {
  cv::Mat image(rows, columns, CV_8UC3);
  cv::randu(image, 0, 256);
  return image;
}

TEST(LetterboxTest, ScalesToTheLongerSideAndPadsBelowAndRight) {
  EXPECT_EQ(LetterboxScale(640, 480, 320), 0.5);
  Sample sample = Painted(640, 480, {100, 200, 60, 40});
  sample.image = ScaleToFit(sample.image, 320);
  EXPECT_EQ(sample.image.size(), cv::Size(320, 240));
  ExpectNear(Paint(sample.image), {50, 100, 30, 20}, 0.01);
  PadToSquare(320, &sample);
  EXPECT_EQ(sample.image.size(), cv::Size(320, 320));
  EXPECT_EQ(sample.image.at<cv::Vec3b>(319, 0), cv::Vec3b::all(kPaddingGrey));
  ExpectNear(Paint(sample.image), {50, 100, 30, 20}, 0.01);
}

TEST(LetterboxTest, EnlargesSmallImagesAndKeepsThinOnes) {
  EXPECT_EQ(ScaleToFit(cv::Mat(10, 20, CV_8UC3), 64).size(), cv::Size(64, 32));
  EXPECT_EQ(ScaleToFit(cv::Mat(1, 3000, CV_8UC3), 64).size(), cv::Size(64, 1));
}

TEST(FlipTest, MovesPaintAndBoxTogetherAndTwiceIsNothing) {
  const Sample original = Painted(40, 30, {5, 10, 8, 4});
  for (const auto& [name, box] :
       {std::pair("flip", Box{27, 10, 8, 4}), {"vertical_flip", Box{5, 16, 8, 4}}}) {
    Sample flipped = original;
    Apply(name, {}, 1, &flipped);
    EXPECT_EQ(flipped.boxes[0].box, box);
    EXPECT_EQ(Paint(flipped.image), box);
    EXPECT_EQ(Paint(original.image), original.boxes[0].box);  // Shared pixels were left alone.
    Apply(name, {}, 1, &flipped);
    EXPECT_TRUE(SamePixels(flipped.image, original.image));
    EXPECT_EQ(flipped.boxes, original.boxes);
  }
}

TEST(HsvTest, AGreyPictureChangesInBrightnessAloneUpToTheGivenShare) {
  const cv::Mat ramp = GreyRamp();
  double least = 1;
  double most = 1;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Sample sample{ramp, {}};
    Apply("hsv", {}, seed, &sample);
    const double gain = sample.image.at<cv::Vec3b>(0, 100)[0] / 100.0;
    for (int i = 0; i < 256; ++i) {
      ASSERT_NEAR(sample.image.at<cv::Vec3b>(0, i)[0], std::min(255.0, i * gain), 3);
    }
    least = std::min(least, gain);
    most = std::max(most, gain);
  }
  EXPECT_GT(least, 0.59);
  EXPECT_LT(least, 0.7);
  EXPECT_LT(most, 1.41);
  EXPECT_GT(most, 1.3);
}

TEST(HsvTest, ZeroChangesNothingButRounding) {
  Sample sample{Random(8, 8), {}};
  const cv::Mat before = sample.image;
  Apply("hsv", {{"hue", 0}, {"saturation", 0}, {"value", 0}}, 1, &sample);
  EXPECT_LE(cv::norm(sample.image, before, cv::NORM_INF), 6);
}

TEST(MosaicTest, BoxesStayInsideAndOnTheirPaint) {
  constexpr int kSize = 160;
  const std::vector<cv::Rect> rectangles = {
      {40, 50, 30, 20}, {100, 20, 25, 60}, {10, 10, 60, 60}, {70, 90, 50, 20}};
  RandomStream random(11);
  int seen = 0;
  for (int round = 0; round < 200; ++round) {
    // One painted tile among three black ones, so that the paint found is its own.
    const std::size_t painted = static_cast<std::size_t>(round) % 4;
    std::array<Sample, 4> tiles;
    for (std::size_t i = 0; i < 4; ++i) {
      tiles[i].image = cv::Mat(120, kSize, CV_8UC3, cv::Scalar::all(0));
      if (i == painted) tiles[i] = Painted(kSize, 120, rectangles[i]);
    }
    const Sample mosaic = MakeMosaic(tiles, DrawMosaicPlan({}, kSize, &random), kSize);
    ASSERT_EQ(mosaic.image.size(), cv::Size(kSize, kSize));
    ASSERT_LE(mosaic.boxes.size(), 1U);
    if (mosaic.boxes.empty()) continue;
    const Box& box = mosaic.boxes[0].box;
    EXPECT_EQ(mosaic.boxes[0].label, 3);
    EXPECT_GE(box.x, 0);
    EXPECT_GE(box.y, 0);
    EXPECT_LE(box.right(), kSize);
    EXPECT_LE(box.bottom(), kSize);
    EXPECT_GE(std::min(box.w, box.h), kMinBoxSide_px);
    ExpectNear(Paint(mosaic.image), box, 1.5);
    ++seen;
  }
  EXPECT_GT(seen, 50);
}

TEST(MosaicTest, SliversAreDropped) {
  std::array<Sample, 4> tiles;
  for (Sample& tile : tiles) tile.image = cv::Mat(100, 100, CV_8UC3, cv::Scalar::all(0));
  tiles[0].boxes = {{{2, 10, 50, 50}, 0}, {{99, 10, 1, 50}, 1}, {{60, 60, 30, 30}, 2}};
  // The corner lies 55 px left of the middle: of the first tile columns 95..100 are seen.
  const MosaicPlan plan{.corner_x = -45, .corner_y = 0, .scale = 1, .shift_x = 0, .shift_y = 0};
  EXPECT_TRUE(MakeMosaic(tiles, plan, 100).boxes.empty());
  const MosaicPlan centred{};
  // 50..100 of both axes: of the first box a tiny corner, of the second (1 px wide) too little, the third
  // all.
  const Sample mosaic = MakeMosaic(tiles, centred, 100);
  ASSERT_EQ(mosaic.boxes.size(), 1U);
  EXPECT_EQ(mosaic.boxes[0].label, 2);
  EXPECT_EQ(mosaic.boxes[0].box, (Box{10, 10, 30, 30}));
}

TEST(MosaicTest, LabelsMayBeKeptAsMegviisCodeKeepsThem) {
  std::array<Sample, 4> tiles;
  for (Sample& tile : tiles) tile.image = cv::Mat(100, 100, CV_8UC3, cv::Scalar::all(0));
  tiles[0].boxes = {{{0, 10, 20, 50}, 0}, {{10, 60, 42, 30}, 1}};
  // 50..100 of both axes are seen: nothing of the first box, two columns of the second.
  const Sample some = MakeMosaic(tiles, {}, 100, /*drop_slivers=*/false);
  ASSERT_EQ(some.boxes.size(), 1U);
  EXPECT_EQ(some.boxes[0], (LabeledBox{{0, 10, 2, 30}, 1}));
  tiles[0].boxes.pop_back();
  const Sample none = MakeMosaic(tiles, {}, 100, /*drop_slivers=*/false);
  ASSERT_EQ(none.boxes.size(), 1U);
  EXPECT_EQ(none.boxes[0], (LabeledBox{{0, 0, 0, 10}, 0}));
}

double PaddingShare(const MosaicRange& range) {
  RandomStream random(3);
  double padding = 0;
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    std::array<Sample, 4> tiles;
    for (Sample& tile : tiles) tile.image = cv::Mat(96, 128, CV_8UC3, cv::Scalar::all(0));
    const Sample mosaic = MakeMosaic(tiles, DrawMosaicPlan(range, 128, &random), 128);
    cv::Mat grey;
    cv::extractChannel(mosaic.image, grey, 0);
    padding += cv::countNonZero(grey) / (128.0 * 128.0);
  }
  return padding / kRounds;
}

// Megvii's code, run on pictures of 4:3, gave 36-40 %, and 9-12 % centred.
TEST(MosaicTest, ShowsLittlePaddingUnlessAskedTo) {
  EXPECT_LT(PaddingShare({}), 0.15);
  const double off_centre = PaddingShare({.centred = false});
  EXPECT_GT(off_centre, 0.33);
  EXPECT_LT(off_centre, 0.43);
}

TEST(HsvShiftTest, AddsUpToItsDeltasAndTintsGrey) {
  const cv::Mat grey(16, 16, CV_8UC3, cv::Scalar::all(120));
  bool tinted = false;
  double most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Sample sample{grey, {}};
    Apply("hsv_shift", {{"saturation_delta", 0}}, seed, &sample);
    EXPECT_LE(cv::norm(sample.image, grey, cv::NORM_INF), 30);
    most = std::max(most, cv::norm(sample.image, grey, cv::NORM_INF));
    Apply("hsv_shift", {{"value_delta", 0}}, seed, &sample);
    const auto pixel = sample.image.at<cv::Vec3b>(0, 0);
    tinted |= pixel[0] != pixel[2];
  }
  EXPECT_GT(most, 25);
  EXPECT_TRUE(tinted);
}

TEST(AffineTest, NothingAskedIsNothingDone) {
  Sample sample = Painted(100, 80, {20, 30, 40, 20});
  const Sample before = sample;
  Warp(MapOf({}, 100, 80), 100, &sample);
  EXPECT_EQ(sample.image.size(), cv::Size(100, 100));
  EXPECT_TRUE(SamePixels(sample.image(cv::Rect(0, 0, 100, 80)), before.image));
  EXPECT_EQ(sample.image.at<cv::Vec3b>(99, 50), cv::Vec3b::all(kPaddingGrey));
  EXPECT_EQ(sample.boxes, before.boxes);
}

TEST(AffineTest, ATurnedBoxIsTheHullOfItsCorners) {
  // A quarter turn about the middle (50, 50): (x, y) -> (100 - y, x).
  const auto quarter = SeeThrough({20, 30, 40, 10}, MapOf({.rotate_degree = 90}, 100, 100), 100, 100);
  ASSERT_TRUE(quarter.has_value());
  ExpectNear(quarter->hull, {60, 20, 10, 40}, 1e-9);
  EXPECT_NEAR(quarter->area, 400, 1e-9);
  // An eighth: a square of side 20 stands on its tip, 20 sqrt(2) wide.
  const auto eighth = SeeThrough({40, 40, 20, 20}, MapOf({.rotate_degree = 45}, 100, 100), 100, 100);
  const double half = 10 * std::sqrt(2.0);
  ExpectNear(eighth->hull, {50 - half, 50 - half, 2 * half, 2 * half}, 1e-9);
  EXPECT_NEAR(eighth->whole_area, 400, 1e-9);
}

TEST(AffineTest, OnlyTheVisiblePartCounts) {
  // The same tip-up square with its middle on the left border: a triangle of half the area is left.
  AffinePlan plan{.rotate_degree = 45, .shift_x = -50};
  const auto half = SeeThrough({40, 40, 20, 20}, MapOf(plan, 100, 100), 100, 100);
  ASSERT_TRUE(half.has_value());
  EXPECT_NEAR(half->area, 200, 1e-9);
  ExpectNear(half->hull, {0, 50 - 10 * std::sqrt(2.0), 10 * std::sqrt(2.0), 20 * std::sqrt(2.0)}, 1e-9);
  // Only its tip: the hull must be the tip's, not the part of the whole hull that is inside.
  plan.shift_x = -50 - 12;
  const auto tip = SeeThrough({40, 40, 20, 20}, MapOf(plan, 100, 100), 100, 100);
  const double width = 10 * std::sqrt(2.0) - 12;
  ExpectNear(tip->hull, {0, 50 - width, width, 2 * width}, 1e-9);
  EXPECT_NEAR(tip->area, width * width, 1e-9);
  plan.shift_x = -70;
  EXPECT_FALSE(SeeThrough({40, 40, 20, 20}, MapOf(plan, 100, 100), 100, 100).has_value());
}

TEST(AffineTest, PaintStaysUnderTheHull) {
  int seen = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Sample sample = Painted(96, 64, {30, 20, 36, 24});
    Apply("affine", {{"max_rotate_degree", 40}, {"max_shear_degree", 10}, {"max_translate_ratio", 0.4}}, seed,
          &sample);
    ASSERT_EQ(sample.image.size(), cv::Size(96, 96));
    if (sample.boxes.empty()) continue;
    ExpectNear(Paint(sample.image), sample.boxes[0].box, 4);  // A sharp tip is too thin to be white.
    ++seen;
  }
  EXPECT_GT(seen, 80);
}

TEST(CropTest, KeepsPaintUnderTheBoxAndNeverLosesAllBoxes) {
  int cropped = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Sample sample = Painted(96, 64, {10, 8, 12, 14});
    Apply("crop", {{"min_share", 0.3}}, seed, &sample);
    ASSERT_EQ(sample.boxes.size(), 1U);
    EXPECT_GE(std::max(sample.image.cols, sample.image.rows), 95) << "enlarged to the input";
    ExpectNear(Paint(sample.image), sample.boxes[0].box, 3);  // Enlarged up to three times.
    cropped += sample.boxes[0].box.w > 13 ? 1 : 0;
  }
  EXPECT_GT(cropped, 10);
}

// Two pictures: the sample's own is black with one box, the other one black with a white box.
class OtherImage : public SampleSource {
 public:
  explicit OtherImage(Sample other, cv::Mat mask = {}) : other_(std::move(other)), mask_(std::move(mask)) {}
  std::size_t size() const override { return 1; }
  Sample Load(std::size_t) const override { return other_; }
  std::vector<Cutout> CutOut(std::size_t) const override {
    std::vector<Cutout> cutouts;
    for (const auto& [box, label] : other_.boxes) {
      const cv::Rect window(static_cast<int>(box.x), static_cast<int>(box.y), static_cast<int>(box.w),
                            static_cast<int>(box.h));
      cutouts.push_back({other_.image(window), mask_, {{0, 0, box.w, box.h}, label}});
    }
    return cutouts;
  }

 private:
  Sample other_;
  cv::Mat mask_;
};

// What every transform owes its callers, on random pictures with any parameters' defaults.
TEST(EveryTransformTest, KeepsItsPromises) {
  constexpr int kSize = 64;
  Sample other{Random(48, 64), {{{10, 10, 20, 16}, 1}, {{40, 5, 12, 30}, 0}}};
  const OtherImage source(other);
  const cv::Mat other_before = other.image.clone();
  for (const TransformType& type : AllTransformTypes()) {
    SCOPED_TRACE(type.name);
    int changed = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Sample before{Random(64, 52), {{{2, 3, 20, 30}, 0}, {{30, 20, 18, 40}, 1}}};
      const cv::Mat copy = before.image.clone();
      Sample once = before;
      Sample again = before;
      Apply(type.name, {}, seed, &once, source, kSize);
      Apply(type.name, {}, seed, &again, source, kSize);
      ASSERT_TRUE(SamePixels(once.image, again.image) && once.boxes == again.boxes)
          << "the draws alone decide";
      ASSERT_TRUE(SamePixels(before.image, copy)) << "shared pixels were written into";
      ASSERT_TRUE(SamePixels(other.image, other_before)) << "the other image's pixels were written into";
      ASSERT_EQ(once.image.type(), CV_8UC3);
      ASSERT_LE(std::max(once.image.cols, once.image.rows), kSize);
      for (const LabeledBox& labeled : once.boxes) {
        ASSERT_GE(std::min(labeled.box.x, labeled.box.y), 0);
        ASSERT_LE(labeled.box.right(), once.image.cols + 1e-9);
        ASSERT_LE(labeled.box.bottom(), once.image.rows + 1e-9);
        ASSERT_GE(std::min(labeled.box.w, labeled.box.h), kMinBoxSide_px);
      }
      changed += once.image.size() != copy.size() || !SamePixels(once.image, copy) ? 1 : 0;
    }
    EXPECT_GE(changed, 10);
  }
}

TEST(MixUpTest, BothPicturesShineThroughAndBothSetsOfBoxesCount) {
  const OtherImage other(Painted(64, 48, {10, 10, 20, 16}));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Sample sample{cv::Mat(40, 64, CV_8UC3, cv::Scalar::all(0)), {{{1, 2, 3, 4}, 7}}};
    const cv::Mat shared = sample.image;
    Apply("mixup", {{"ratio_low", 0.9}, {"ratio_high", 0.9}}, seed, &sample, other, 64);
    ASSERT_EQ(sample.image.size(), cv::Size(64, 64));
    ASSERT_EQ(sample.boxes.size(), 2U);
    EXPECT_EQ(sample.boxes[0], (LabeledBox{{1, 2, 3, 4}, 7}));
    EXPECT_NEAR(sample.boxes[1].box.w, 18, 1e-9);
    EXPECT_EQ(cv::countNonZero(shared.reshape(1)), 0) << "shared pixels were left alone";
    // White on black is half white; on the padding below row 40 it is more.
    cv::Mat grey;
    cv::extractChannel(sample.image(cv::Rect(0, 0, 64, 40)), grey, 0);
    double most = 0;
    cv::minMaxLoc(grey, nullptr, &most);
    EXPECT_NEAR(most, 128, 1);
    const cv::Rect found = cv::boundingRect(grey > 64);
    const Box& box = sample.boxes[1].box;
    EXPECT_NEAR(found.x, box.x, 1.5);
    EXPECT_NEAR(found.y, box.y, 1.5);
    EXPECT_NEAR(found.br().x, box.right(), 1.5);
  }
}

TEST(CopyPasteTest, PaintLiesUnderTheNewBoxesAndHidesNothing) {
  const OtherImage other(Painted(64, 64, {10, 10, 16, 12}));
  int pasted = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Sample sample{cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(0)), {{{20, 20, 30, 30}, 7}}};
    const cv::Mat shared = sample.image;
    Apply("copy_paste", {{"max_covered", 0}}, seed, &sample, other, 64);
    EXPECT_EQ(cv::countNonZero(shared.reshape(1)), 0) << "shared pixels were left alone";
    EXPECT_EQ(sample.boxes[0], (LabeledBox{{20, 20, 30, 30}, 7}));
    ASSERT_LE(sample.boxes.size(), 2U);
    if (sample.boxes.size() < 2) continue;
    ++pasted;
    EXPECT_EQ(sample.boxes[1].label, 3);
    EXPECT_EQ(Paint(sample.image), sample.boxes[1].box);
    EXPECT_EQ(cv::countNonZero(sample.image(cv::Rect(20, 20, 30, 30)).clone().reshape(1)), 0);
  }
  EXPECT_GT(pasted, 20);
}

TEST(CopyPasteTest, AMaskCutsAlongTheObject) {
  cv::Mat mask(12, 16, CV_8U, cv::Scalar(0));
  mask(cv::Rect(0, 0, 8, 12)).setTo(255);  // The left half.
  const OtherImage other(Painted(64, 64, {10, 10, 16, 12}), mask);
  Sample sample{cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(0)), {}};
  Apply("copy_paste", {{"scale_low", 1}, {"scale_high", 1}}, 3, &sample, other, 64);
  ASSERT_EQ(sample.boxes.size(), 1U);
  const Box& box = sample.boxes[0].box;
  EXPECT_EQ(Paint(sample.image), (Box{box.x, box.y, 8, 12}));
}

TEST(ToneTest, ThermalTransformsKeepGreyGreyAndSharedPixelsAsTheyAre) {
  for (const char* name : {"grey", "invert_polarity", "gain", "histogram", "noise"}) {
    Sample sample{GreyRamp(), {{{1, 0, 5, 1}, 0}}};
    const cv::Mat shared = sample.image;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      Apply(name, {}, seed, &sample);
      for (int i = 0; i < 256; ++i) {
        const auto pixel = sample.image.at<cv::Vec3b>(0, i);
        ASSERT_TRUE(pixel[0] == pixel[1] && pixel[1] == pixel[2]) << name;
      }
    }
    EXPECT_TRUE(SamePixels(shared, GreyRamp())) << name;
    EXPECT_EQ(sample.boxes[0].box, (Box{1, 0, 5, 1})) << name;
  }
}

TEST(ToneTest, PolarityAndGreyAreWhatTheySay) {
  Sample sample{Random(6, 6), {}};
  const cv::Mat before = sample.image;
  Apply("invert_polarity", {}, 1, &sample);
  for (int c = 0; c < 3; ++c)
    EXPECT_EQ(sample.image.at<cv::Vec3b>(2, 3)[c], 255 - before.at<cv::Vec3b>(2, 3)[c]);
  Apply("invert_polarity", {}, 1, &sample);
  EXPECT_TRUE(SamePixels(sample.image, before));
  Apply("grey", {}, 1, &sample);
  const auto pixel = before.at<cv::Vec3b>(2, 3);
  EXPECT_NEAR(sample.image.at<cv::Vec3b>(2, 3)[0], 0.114 * pixel[0] + 0.587 * pixel[1] + 0.299 * pixel[2],
              0.6);
}

TEST(ToneTest, GainIsAStraightLineWithinItsLimits) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Sample sample{GreyRamp(), {}};
    Apply("gain", {{"gain", 0.2}, {"offset", 0.05}}, seed, &sample);
    const auto level = [&](int i) { return static_cast<double>(sample.image.at<cv::Vec3b>(0, i)[0]); };
    const double gain = (level(180) - level(60)) / 120;
    EXPECT_NEAR(gain, 1, 0.2 + 0.01);
    EXPECT_NEAR(level(100) - 100 * gain, 0, 0.05 * 255 + 2);
    EXPECT_NEAR(level(120), (level(60) + level(180)) / 2, 1.1);
  }
}

TEST(ToneTest, EqualisationSpreadsWhatIsCrowded) {
  // Eight levels of an eighth of the pixels each fill the range evenly.
  cv::Mat crowded(16, 16, CV_8UC3);
  for (int i = 0; i < 256; ++i) {
    crowded.at<cv::Vec3b>(i / 16, i % 16) = cv::Vec3b::all(static_cast<unsigned char>(100 + i / 32));
  }
  double widest = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Sample sample{crowded, {}};
    Apply("histogram", {{"plateau", 1}}, seed, &sample);
    const double step = (sample.image.at<cv::Vec3b>(15, 15)[0] - sample.image.at<cv::Vec3b>(0, 0)[0]) / 7.0;
    EXPECT_GE(step, 0.9);
    EXPECT_LE(step, 255 / 8.0 + 0.2);
    widest = std::max(widest, step);
  }
  EXPECT_GT(widest, 0.8 * 255 / 8);
}

TEST(ToneTest, NoiseHasTheDeviationThatWasDrawn) {
  double largest = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Sample sample{cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(128)), {}};
    Apply("noise", {{"sigma", 0.04}, {"columns", 0}}, seed, &sample);
    cv::Scalar mean, deviation;
    cv::meanStdDev(sample.image, mean, deviation);
    EXPECT_NEAR(mean[0], 128, 0.5);
    largest = std::max(largest, deviation[0]);
    Sample striped{cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(128)), {}};
    Apply("noise", {{"sigma", 0}, {"columns", 0.04}}, seed, &striped);
    EXPECT_TRUE(SamePixels(striped.image.row(0), striped.image.row(63)));
  }
  EXPECT_LT(largest, 0.04 * 255 * 1.05);
  EXPECT_GT(largest, 0.04 * 255 * 0.8);
}

TEST(MultiScaleTest, SizesAreMultiplesOf32InRangeAndAFunctionOfTheStep) {
  const RandomStream run(4);
  std::set<int> seen;
  for (std::int64_t step = 0; step < 200; ++step) {
    const int size = InputSizeAt({.low = 0.5, .high = 1.5, .interval = 1}, 320, run, step);
    EXPECT_EQ(size, InputSizeAt({.low = 0.5, .high = 1.5, .interval = 1}, 320, run, step));
    seen.insert(size);
    EXPECT_EQ(InputSizeAt({}, 416, run, step), 416);
    EXPECT_EQ(InputSizeAt({.low = 0.5, .high = 1.5, .interval = 10}, 320, run, step),
              InputSizeAt({.low = 0.5, .high = 1.5, .interval = 10}, 320, run, step / 10 * 10));
  }
  EXPECT_EQ(seen, (std::set<int>{160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 480}));
  Sample sample = Painted(64, 64, {10, 20, 30, 8});
  ResizeSquare(96, &sample);
  EXPECT_EQ(sample.boxes[0].box, (Box{15, 30, 45, 12}));
  ExpectNear(Paint(sample.image), sample.boxes[0].box, 1);
}

TEST(PipelineTest, TheOrderIsTheUsers) {
  const OtherImage source(Painted(64, 64, {10, 10, 16, 12}));
  AugmentConfig config;
  for (auto& [name, params] : config.transforms) {
    if (params.contains("prob")) params["prob"] = 0;
  }
  for (const char* name : {"invert_polarity", "gain"}) config.transforms[name]["prob"] = 1;
  config.transforms["hsv"] = {{"hue", 0}, {"saturation", 0}, {"value", 0}};
  config.order = {"invert_polarity", "gain"};
  const cv::Mat one = Pipeline(config, 64, false)(source, 0, RandomStream(1)).image;
  config.order = {"gain", "invert_polarity"};
  const cv::Mat other = Pipeline(config, 64, false)(source, 0, RandomStream(1)).image;
  EXPECT_FALSE(SamePixels(one, other));
}

TEST(PipelineTest, SwitchingATransformOnLeavesTheOthersDrawsAlone) {
  const OtherImage source(Painted(64, 64, {10, 10, 16, 12}));
  AugmentConfig config;
  const Sample plain = Pipeline(config, 64, false)(source, 0, RandomStream(1));
  config.transforms["invert_polarity"]["prob"] = 1;
  const Sample inverted = Pipeline(config, 64, false)(source, 0, RandomStream(1));
  EXPECT_EQ(plain.boxes, inverted.boxes);
  EXPECT_EQ(cv::norm(plain.image + inverted.image, cv::NORM_INF), 255);
}

TEST(PipelineTest, TheLastEpochsSeeRealPictures) {
  const OtherImage source(Painted(64, 64, {10, 10, 16, 12}));
  AugmentConfig config;
  for (const char* name : {"mosaic", "copy_paste", "mixup", "affine"}) config.transforms[name]["prob"] = 1;
  config.transforms["hsv"] = {{"hue", 0}, {"saturation", 0}, {"value", 0}};
  config.transforms["flip"]["prob"] = 0;
  const Sample sample = Pipeline(config, 64, true)(source, 0, RandomStream(1));
  EXPECT_EQ(sample.boxes, source.Load(0).boxes);
  EXPECT_LE(cv::norm(sample.image, source.Load(0).image, cv::NORM_INF), 1);
}

TEST(ClipBoxTest, CutsAtTheBordersAndDropsWhatIsOutside) {
  EXPECT_EQ(ClipBox({-5, -5, 10, 10}, 20, 20), (Box{0, 0, 5, 5}));
  EXPECT_EQ(ClipBox({15, 15, 10, 10}, 20, 20), (Box{15, 15, 5, 5}));
  EXPECT_FALSE(ClipBox({20, 0, 5, 5}, 20, 20).has_value());
  EXPECT_FALSE(ClipBox({5, 5, 0, 5}, 20, 20).has_value());
}

}  // namespace
}  // namespace yoake::trainer
