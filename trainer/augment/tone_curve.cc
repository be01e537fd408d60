#include "trainer/augment/tone_curve.h"

#include <opencv2/core.hpp>

namespace yoake::trainer {

void ApplyToneCurve(const ToneCurve& curve, Sample* sample) {
  cv::Mat table(1, 256, CV_8U);
  for (int level = 0; level < 256; ++level) {
    table.at<unsigned char>(0, level) =
        cv::saturate_cast<unsigned char>(curve[static_cast<std::size_t>(level)]);
  }
  cv::Mat toned;
  cv::LUT(sample->image, table, toned);
  sample->image = toned;
}

}  // namespace yoake::trainer
