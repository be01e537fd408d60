#include "trainer/augment/hsv.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace yoake::trainer {

HsvGains DrawHsvGains(const AugmentConfig& config, RandomStream* random) {
  HsvGains gains;
  gains.hue = random->Uniform(1 - config.hsv_h, 1 + config.hsv_h);
  gains.saturation = random->Uniform(1 - config.hsv_s, 1 + config.hsv_s);
  gains.value = random->Uniform(1 - config.hsv_v, 1 + config.hsv_v);
  return gains;
}

cv::Mat JitterHsv(const cv::Mat& image, const HsvGains& gains) {
  cv::Mat table(1, 256, CV_8UC3);
  for (int i = 0; i < 256; ++i) {
    auto& entry = table.at<cv::Vec3b>(0, i);
    entry[0] = static_cast<unsigned char>(std::lround(i * gains.hue) % 180);  // OpenCV's 8-bit hue: 0..179.
    entry[1] = cv::saturate_cast<unsigned char>(i * gains.saturation);
    entry[2] = cv::saturate_cast<unsigned char>(i * gains.value);
  }
  cv::Mat hsv;
  cv::cvtColor(image, hsv, cv::COLOR_BGR2HSV);
  cv::LUT(hsv, table, hsv);
  cv::Mat jittered;
  cv::cvtColor(hsv, jittered, cv::COLOR_HSV2BGR);
  return jittered;
}

}  // namespace yoake::trainer
