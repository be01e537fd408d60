#include <opencv2/core.hpp>

#include "trainer/augment/transforms.h"

namespace yoake::trainer {

// White-hot becomes black-hot: thermal cameras are set to either.
TransformType InvertPolarityType() {
  return {.name = "invert_polarity", .params = {Prob()}, .make = [](const TransformParams&) {
            return [](const TransformInput&, Sample* sample) {
              cv::Mat inverted;
              cv::bitwise_not(sample->image, inverted);
              sample->image = inverted;
            };
          }};
}

}  // namespace yoake::trainer
