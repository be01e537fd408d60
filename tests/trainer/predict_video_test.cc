#include <gmock/gmock.h>

#include <opencv2/imgproc.hpp>

#include "core/atomic_file.h"
#include "datasets/image_io.h"
#include "datasets/read.h"
#include "metrics/detections.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/trained_like.h"
#include "trainer/predict/predictor.h"
#include "trainer/predict/video.h"

namespace yoake::trainer {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kFrames = 11;

// A disc that crosses a grey field from left to right. Odd sides on purpose.
cv::Mat Field(int i) {
  cv::Mat frame(81, 121, CV_8UC3, cv::Scalar(60, 90, 60));
  cv::circle(frame, {10 + 10 * i, 40}, 8, {20, 20, 220}, cv::FILLED);
  return frame;
}

class PredictVideoTest : public testing::Test {
 protected:
  PredictVideoTest() {
    ModelConfig model;
    model.width = .125;
    SaveTrained(Path("model.pt"), TrainedLike(model, 96));
    VideoWriter writer(Path("drive.mp4"), 10, Field(0).size());
    for (int i = 0; i < kFrames; ++i) writer.Add(Field(i));
    options_.checkpoint = Path("model.pt");
    options_.images = Path("drive.mp4");
    options_.out = Path("dt.json");
    options_.score_threshold = 0;
    options_.batch = 4;  // The last batch is not full.
  }

  fs::path Path(const std::string& name) const { return scratch_.path() / name; }

  ScratchFolder scratch_;
  PredictOptions options_;
};

std::vector<cv::Mat> FramesOf(const fs::path& file) {
  VideoReader reader(file);
  std::vector<cv::Mat> frames;
  while (auto frame = reader.Next()) frames.push_back(*frame);
  return frames;
}

// The reddest column of the middle row.
int DiscAt(const cv::Mat& frame) {
  int best = 0;
  for (int x = 0; x < frame.cols; ++x) {
    const auto red = [&](int at) { return frame.at<cv::Vec3b>(40, at)[2] - frame.at<cv::Vec3b>(40, at)[1]; };
    if (red(x) > red(best)) best = x;
  }
  return best;
}

TEST_F(PredictVideoTest, DetectsWhatItDetectsInTheFramesAsPictures) {
  const auto frames = FramesOf(options_.images);
  ASSERT_EQ(frames.size(), static_cast<std::size_t>(kFrames));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    datasets::WriteImage(
        Path("frames") / ("drive_" + std::string(i < 9 ? "00000" : "0000") + std::to_string(i + 1) + ".png"),
        frames[i]);
  }
  const PredictSummary video = Predict(options_);
  EXPECT_EQ(video.images, static_cast<std::size_t>(kFrames));
  EXPECT_TRUE(video.warnings.empty());
  const auto of_video = ReadFile(options_.out);
  const auto list = datasets::ReadCoco(Path("dt.images.json"));
  ASSERT_EQ(list.images.size(), static_cast<std::size_t>(kFrames));
  EXPECT_EQ(list.images[9].file_name, "drive_000010.jpg");
  EXPECT_EQ(list.images[9].width, 122);

  options_.images = Path("frames");
  EXPECT_EQ(Predict(options_).detections, video.detections);
  EXPECT_GT(video.detections, 0U);
  EXPECT_EQ(of_video, ReadFile(options_.out));
}

TEST_F(PredictVideoTest, DrawsAVideoOfTheSameLengthAndOrder) {
  options_.draw = Path("drawn");
  options_.draw_threshold = 1;  // No box may hide the disc.
  Predict(options_);
  const auto before = FramesOf(options_.images);
  const auto drawn = FramesOf(Path("drawn") / "drive.mp4");
  ASSERT_EQ(drawn.size(), before.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) EXPECT_NEAR(DiscAt(drawn[i]), DiscAt(before[i]), 8) << i;
  EXPECT_NEAR(VideoReader(Path("drawn") / "drive.mp4").fps(), 10, 1e-6);

  options_.draw_threshold = 0;
  options_.draw_limit = 2;
  Predict(options_);
  const auto boxed = FramesOf(Path("drawn") / "drive.mp4");
  ASSERT_EQ(boxed.size(), 2U);
  EXPECT_GT(cv::norm(boxed[0], before[0], cv::NORM_INF), 60) << "boxes are drawn";
}

TEST_F(PredictVideoTest, SaysWhatIsWrong) {
  options_.draw = scratch_.path();
  EXPECT_THAT(MessageOf([&] { Predict(options_); }), HasSubstr("would write over the video itself"));
  WriteFileAtomically(Path("text.mp4"), "no video");
  options_.images = Path("text.mp4");
  EXPECT_THAT(MessageOf([&] { Predict(options_); }), HasSubstr("not a video that FFmpeg can read"));
  WriteFileAtomically(Path("cut.mp4"), ReadFile(Path("drive.mp4")).substr(0, 700));
  options_.images = Path("cut.mp4");
  EXPECT_THAT(MessageOf([&] { Predict(options_); }), HasSubstr("cut.mp4"));
}

}  // namespace
}  // namespace yoake::trainer
