#include "trainer/predict/video.h"

#include <algorithm>
#include <cmath>
#include <opencv2/videoio.hpp>

#include "core/error.h"

namespace yoake::trainer {
namespace {

constexpr double kUsualFps = 25;

int Even(int side) { return side + side % 2; }

}  // namespace

struct VideoReader::Capture {
  cv::VideoCapture video;
};

VideoReader::VideoReader(const std::filesystem::path& path) : capture_(std::make_unique<Capture>()) {
  if (!capture_->video.open(path.string(), cv::CAP_FFMPEG)) {
    throw Error(ErrorKind::kData, "not a video that FFmpeg can read", path.string());
  }
}

VideoReader::~VideoReader() = default;

std::optional<cv::Mat> VideoReader::Next() {
  cv::Mat frame;
  if (!capture_->video.read(frame)) return std::nullopt;
  return frame;
}

double VideoReader::fps() const {
  const double fps = capture_->video.get(cv::CAP_PROP_FPS);
  return std::isfinite(fps) && fps > 0 ? fps : kUsualFps;
}

int VideoReader::frames() const {
  return static_cast<int>(std::clamp(capture_->video.get(cv::CAP_PROP_FRAME_COUNT), 0.0, 1e9));
}

struct VideoWriter::Output {
  cv::VideoWriter video;
  cv::Size size;
  std::string path;
};

VideoWriter::VideoWriter(const std::filesystem::path& path, double fps, cv::Size size)
    : output_(std::make_unique<Output>()) {
  output_->size = size;
  output_->path = path.string();
  std::filesystem::create_directories(std::filesystem::absolute(path).parent_path());
  const cv::Size even(Even(size.width), Even(size.height));
  for (const int codec :
       {cv::VideoWriter::fourcc('a', 'v', 'c', '1'), cv::VideoWriter::fourcc('m', 'p', '4', 'v')}) {
    if (output_->video.open(output_->path, cv::CAP_FFMPEG, codec, fps, even)) return;
  }
  throw Error(ErrorKind::kIo, "cannot write this video: no such folder, or OpenCV has no encoder for MP4",
              output_->path);
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::Add(const cv::Mat& frame) {
  if (frame.size() != output_->size) {
    throw Error(ErrorKind::kData, "the video's frames change their size half-way", output_->path);
  }
  cv::Mat padded;
  cv::copyMakeBorder(frame, padded, 0, frame.rows % 2, 0, frame.cols % 2, cv::BORDER_REPLICATE);
  output_->video.write(padded);
}

}  // namespace yoake::trainer
