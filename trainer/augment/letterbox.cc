#include "trainer/augment/letterbox.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace yoake::trainer {

double LetterboxScale(int width, int height, int size) {
  return std::min(static_cast<double>(size) / width, static_cast<double>(size) / height);
}

cv::Mat ScaleToFit(const cv::Mat& image, int size) {
  const double scale = LetterboxScale(image.cols, image.rows, size);
  const cv::Size target(std::clamp(static_cast<int>(image.cols * scale), 1, size),
                        std::clamp(static_cast<int>(image.rows * scale), 1, size));
  if (target == image.size()) return image;
  cv::Mat scaled;
  cv::resize(image, scaled, target, 0, 0, cv::INTER_LINEAR);
  return scaled;
}

void PadToSquare(int size, Sample* sample) {
  if (sample->image.rows == size && sample->image.cols == size) return;
  cv::Mat square(size, size, CV_8UC3, cv::Scalar::all(kPaddingGrey));
  sample->image.copyTo(square(cv::Rect(0, 0, sample->image.cols, sample->image.rows)));
  sample->image = square;
}

}  // namespace yoake::trainer
