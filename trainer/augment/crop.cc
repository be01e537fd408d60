#include <algorithm>

#include "trainer/augment/letterbox.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

// A window of at least `min_share` of either side.
cv::Rect DrawWindow(const cv::Size& image, double min_share, RandomStream* random) {
  const auto side = [&](int length) {
    return std::max(1, static_cast<int>(random->Uniform(min_share, 1) * length + 0.5));
  };
  cv::Rect window(0, 0, side(image.width), side(image.height));
  window.x = static_cast<int>(random->Int(0, image.width - window.width));
  window.y = static_cast<int>(random->Int(0, image.height - window.height));
  return window;
}

}  // namespace

// mmdetection's RandomCrop ("relative_range", no negative crops), enlarged to fit the input again. A window
// that would lose every box is not taken.
TransformType CropType() {
  return {.name = "crop",
          .params = {Prob(), {.name = "min_share", .value = 0.5, .low = 0.05}},
          .make = [](const TransformParams& params) {
            return [min_share = params.at("min_share")](const TransformInput& in, Sample* sample) {
              const cv::Rect window = DrawWindow(sample->image.size(), min_share, in.random);
              const cv::Mat scaled = ScaleToFit(sample->image(window), in.size);
              const double scale_x = static_cast<double>(scaled.cols) / window.width;
              const double scale_y = static_cast<double>(scaled.rows) / window.height;
              const Placement placement{-window.x * scale_x, -window.y * scale_y, scale_x, scale_y};
              auto boxes = MoveBoxes(sample->boxes, placement, scaled.cols, scaled.rows);
              if (boxes.empty() && !sample->boxes.empty()) return;
              *sample = {scaled, std::move(boxes)};
            };
          }};
}

}  // namespace yoake::trainer
