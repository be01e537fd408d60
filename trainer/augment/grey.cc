#include <opencv2/imgproc.hpp>

#include "trainer/augment/transforms.h"

namespace yoake::trainer {

// Takes the colour away, for one detector on colour and thermal cameras.
TransformType GreyType() {
  return {.name = "grey", .params = {Prob()}, .make = [](const TransformParams&) {
            return [](const TransformInput&, Sample* sample) {
              cv::Mat grey;
              cv::Mat out;
              cv::cvtColor(sample->image, grey, cv::COLOR_BGR2GRAY);
              cv::cvtColor(grey, out, cv::COLOR_GRAY2BGR);
              sample->image = out;
            };
          }};
}

}  // namespace yoake::trainer
