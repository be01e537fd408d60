#include "trainer/augment/multi_scale.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace yoake::trainer {

int InputSizeAt(const MultiScaleConfig& scale, int input_size, const RandomStream& run, std::int64_t step) {
  const auto cells = [&](double share) { return std::max(1L, std::lround(share * input_size / 32)); };
  RandomStream random = run.Split("multi_scale").Split(static_cast<std::uint64_t>(step / scale.interval));
  return static_cast<int>(random.Int(cells(scale.low), cells(scale.high))) * 32;
}

void ResizeSquare(int size, Sample* sample) {
  if (sample->image.cols == size) return;
  const double scale = static_cast<double>(size) / sample->image.cols;
  cv::Mat resized;
  cv::resize(sample->image, resized, {size, size}, 0, 0, cv::INTER_LINEAR);
  *sample = {resized, MoveBoxes(sample->boxes, {0, 0, scale, scale}, size, size)};
}

}  // namespace yoake::trainer
