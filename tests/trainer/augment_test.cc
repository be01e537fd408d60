#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "core/rng.h"
#include "trainer/augment/flip.h"
#include "trainer/augment/hsv.h"
#include "trainer/augment/letterbox.h"
#include "trainer/augment/mosaic.h"

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
  Sample flipped = original;
  FlipHorizontally(&flipped);
  EXPECT_EQ(flipped.boxes[0].box.x, 27);
  EXPECT_EQ(Paint(flipped.image), flipped.boxes[0].box);
  EXPECT_EQ(Paint(original.image), original.boxes[0].box);  // Shared pixels were left alone.
  FlipHorizontally(&flipped);
  EXPECT_TRUE(SamePixels(flipped.image, original.image));
  EXPECT_EQ(flipped.boxes, original.boxes);
}

TEST(HsvTest, AGreyPictureStaysGreyAndOnlyItsBrightnessChanges) {
  cv::Mat grey(1, 256, CV_8UC3);
  for (int i = 0; i < 256; ++i) grey.at<cv::Vec3b>(0, i) = cv::Vec3b::all(static_cast<unsigned char>(i));
  RandomStream random(5);
  AugmentConfig config;
  for (int round = 0; round < 50; ++round) {
    const HsvGains gains = DrawHsvGains(config, &random);
    EXPECT_LE(std::abs(gains.saturation - 1), config.hsv_s);
    const cv::Mat jittered = JitterHsv(grey, gains);
    for (int i = 0; i < 256; ++i) {
      const auto pixel = jittered.at<cv::Vec3b>(0, i);
      ASSERT_TRUE(pixel[0] == pixel[1] && pixel[1] == pixel[2]);
      ASSERT_NEAR(pixel[0], std::min(255.0, i * gains.value), 1);
    }
  }
}

TEST(HsvTest, GainsOfOneChangeNothingButRounding) {
  cv::Mat image(8, 8, CV_8UC3);
  cv::randu(image, 0, 256);
  EXPECT_LE(cv::norm(JitterHsv(image, {}), image, cv::NORM_INF), 6);
}

TEST(MosaicTest, BoxesStayInsideAndOnTheirPaint) {
  constexpr int kSize = 160;
  const std::vector<cv::Rect> rectangles = {
      {40, 50, 30, 20}, {100, 20, 25, 60}, {10, 10, 60, 60}, {70, 90, 50, 20}};
  RandomStream random(11);
  AugmentConfig config;
  int seen = 0;
  for (int round = 0; round < 200; ++round) {
    // One painted tile among three black ones, so that the paint found is its own.
    const std::size_t painted = static_cast<std::size_t>(round) % 4;
    std::array<Sample, 4> tiles;
    for (std::size_t i = 0; i < 4; ++i) {
      tiles[i].image = cv::Mat(120, kSize, CV_8UC3, cv::Scalar::all(0));
      if (i == painted) tiles[i] = Painted(kSize, 120, rectangles[i]);
    }
    const Sample mosaic = MakeMosaic(tiles, DrawMosaicPlan(config, kSize, &random), kSize);
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

TEST(MosaicTest, ShowsLittlePadding) {
  RandomStream random(3);
  const AugmentConfig config;
  double padding = 0;
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    std::array<Sample, 4> tiles;
    for (Sample& tile : tiles) tile.image = cv::Mat(96, 128, CV_8UC3, cv::Scalar::all(0));
    const Sample mosaic = MakeMosaic(tiles, DrawMosaicPlan(config, 128, &random), 128);
    cv::Mat grey;
    cv::extractChannel(mosaic.image, grey, 0);
    padding += cv::countNonZero(grey) / (128.0 * 128.0);
  }
  EXPECT_LT(padding / kRounds, 0.15);  // Off centre it was 36-40 %.
}

TEST(ClipBoxTest, CutsAtTheBordersAndDropsWhatIsOutside) {
  EXPECT_EQ(ClipBox({-5, -5, 10, 10}, 20, 20), (Box{0, 0, 5, 5}));
  EXPECT_EQ(ClipBox({15, 15, 10, 10}, 20, 20), (Box{15, 15, 5, 5}));
  EXPECT_FALSE(ClipBox({20, 0, 5, 5}, 20, 20).has_value());
  EXPECT_FALSE(ClipBox({5, 5, 0, 5}, 20, 20).has_value());
}

}  // namespace
}  // namespace yoake::trainer
