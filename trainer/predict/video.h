#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>

namespace yoake::trainer {

// A video file's frames, front to back, decoded by OpenCV's FFmpeg; a film that was turned is turned back.
class VideoReader {
 public:
  // Throws Error{kData} for what FFmpeg cannot read.
  explicit VideoReader(const std::filesystem::path& path);
  ~VideoReader();

  std::optional<cv::Mat> Next();  // 8-bit BGR, of its own memory.

  double fps() const;  // Frames a second; 25 where the file does not say.
  int frames() const;  // As the file says, often an estimate; 0: it does not.

 private:
  struct Capture;
  std::unique_ptr<Capture> capture_;
};

// An MP4 file, H.264 where OpenCV has an encoder for it, else MPEG-4.
class VideoWriter {
 public:
  // `size` is that of the frames; odd sides get one more row or column, as the codecs want it. Throws
  // Error{kIo} when the file cannot be made.
  VideoWriter(const std::filesystem::path& path, double fps, cv::Size size);
  ~VideoWriter();  // Ends the file.

  // Throws Error{kData} for a frame of another size.
  void Add(const cv::Mat& frame);

 private:
  struct Output;
  std::unique_ptr<Output> output_;
};

}  // namespace yoake::trainer
