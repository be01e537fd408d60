#include "trainer/data/training_source.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace yoake::trainer {
namespace {

// The part of a mask inside `window` (its source pixels), 255 inside the object. A mask's pixels are counted
// down the columns.
cv::Mat Rasterise(const datasets::Mask& mask, const cv::Rect& window) {
  cv::Mat pixels(window.size(), CV_8U, cv::Scalar(0));
  std::int64_t at = 0;
  bool inside = false;
  for (const std::uint32_t run : mask.runs) {
    for (std::int64_t end = at + run; inside && at < end;) {
      const auto column = static_cast<int>(at / mask.height) - window.x;
      const std::int64_t column_end = std::min(end, (at / mask.height + 1) * mask.height);
      const auto top = static_cast<int>(at % mask.height) - window.y;
      const auto bottom = top + static_cast<int>(column_end - at);
      const int first = std::clamp(top, 0, window.height);
      const int last = std::clamp(bottom, 0, window.height);
      if (column >= 0 && column < window.width && first < last) {
        pixels(cv::Range(first, last), cv::Range(column, column + 1)).setTo(255);
      }
      at = column_end;
    }
    if (!inside) at += run;
    inside = !inside;
  }
  return pixels;
}

constexpr double kNothing = 1e-6;  // Of a pixel: rounding of the scale.

// The pixels that a box touches.
cv::Rect Touched(const Box& box, const cv::Size& image) {
  const auto low = [](double x) { return static_cast<int>(std::floor(x + kNothing)); };
  const auto high = [](double x) { return static_cast<int>(std::ceil(x - kNothing)); };
  return cv::Rect(cv::Point(low(box.x), low(box.y)), cv::Point(high(box.right()), high(box.bottom()))) &
         cv::Rect({}, image);
}

// `window` in scaled pixels.
cv::Mat ScaledMask(const datasets::Mask& mask, const cv::Rect& window, double scale) {
  const Box source{window.x / scale, window.y / scale, window.width / scale, window.height / scale};
  const cv::Rect touched = Touched(source, {mask.width, mask.height});
  if (touched.empty()) return cv::Mat(window.size(), CV_8U, cv::Scalar(0));
  cv::Mat scaled;
  cv::resize(Rasterise(mask, touched), scaled, window.size(), 0, 0, cv::INTER_AREA);
  return scaled;
}

}  // namespace

std::vector<Cutout> TrainingSource::CutOut(std::size_t index) const {
  const TrainingImage& image = set_.images[index];
  const ScaledImage scaled = cache_->Get(image.image);
  std::vector<Cutout> cutouts;
  for (std::size_t i = 0; i < image.boxes.size(); ++i) {
    const auto inside =
        ClipBox(Scaled(image.boxes[i].box, scaled.scale), scaled.pixels.cols, scaled.pixels.rows);
    if (!inside) continue;
    const cv::Rect window = Touched(*inside, scaled.pixels.size());
    if (window.empty()) continue;
    const bool masked = !image.masks.empty() && !image.masks[i].runs.empty();
    cutouts.push_back(
        {scaled.pixels(window),
         masked ? ScaledMask(image.masks[i], window, scaled.scale) : cv::Mat(),
         {{inside->x - window.x, inside->y - window.y, inside->w, inside->h}, image.boxes[i].label}});
  }
  return cutouts;
}

}  // namespace yoake::trainer
