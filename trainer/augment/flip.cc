#include <opencv2/core.hpp>

#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

void MirrorLeftRight(const TransformInput&, Sample* sample) {
  cv::Mat flipped;
  cv::flip(sample->image, flipped, 1);
  sample->image = flipped;
  for (LabeledBox& labeled : sample->boxes) labeled.box.x = flipped.cols - labeled.box.right();
}

void MirrorUpDown(const TransformInput&, Sample* sample) {
  cv::Mat flipped;
  cv::flip(sample->image, flipped, 0);
  sample->image = flipped;
  for (LabeledBox& labeled : sample->boxes) labeled.box.y = flipped.rows - labeled.box.bottom();
}

}  // namespace

TransformType FlipType() {
  return {.name = "flip",
          .params = {Prob(0.5)},
          .make = [](const TransformParams&) { return MirrorLeftRight; },
          .draws_from_sample = true};
}

// For cameras that look straight down: elsewhere nothing stands on its head.
TransformType VerticalFlipType() {
  return {.name = "vertical_flip", .params = {Prob()}, .make = [](const TransformParams&) {
            return MirrorUpDown;
          }};
}

}  // namespace yoake::trainer
