#include "trainer/augment/flip.h"

#include <opencv2/core.hpp>

namespace yoake::trainer {

void FlipHorizontally(Sample* sample) {
  cv::Mat flipped;
  cv::flip(sample->image, flipped, 1);
  sample->image = flipped;
  for (LabeledBox& labeled : sample->boxes) labeled.box.x = flipped.cols - labeled.box.right();
}

}  // namespace yoake::trainer
