#include "trainer/augment/placed_image.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace yoake::trainer {
namespace {

// Pixels whose centres lie in [low, high), cut to [0, size).
cv::Range PixelRange(double low, double high, int size) {
  const auto edge = [size](double x) { return std::clamp(static_cast<int>(std::ceil(x - 0.5)), 0, size); };
  return {edge(low), std::max(edge(low), edge(high))};
}

}  // namespace

cv::Rect CoveredPixels(const cv::Size& image, const Placement& placement, const cv::Size& canvas) {
  const cv::Range columns =
      PixelRange(placement.left, placement.left + image.width * placement.scale_x, canvas.width);
  const cv::Range rows =
      PixelRange(placement.top, placement.top + image.height * placement.scale_y, canvas.height);
  return {columns.start, rows.start, columns.size(), rows.size()};
}

void DrawPlaced(const cv::Mat& image, const Placement& placement, const cv::Point& corner, cv::Mat target) {
  if (target.empty()) return;
  // warpAffine counts from pixel centres.
  const cv::Matx23d map(placement.scale_x, 0, placement.left + (0.5 * placement.scale_x - 0.5) - corner.x, 0,
                        placement.scale_y, placement.top + (0.5 * placement.scale_y - 0.5) - corner.y);
  cv::warpAffine(image, target, map, target.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
}

}  // namespace yoake::trainer
