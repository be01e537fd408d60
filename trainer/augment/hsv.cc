#include <cmath>

#include "trainer/augment/hsv_table.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

// Factors on hue, saturation and value. 1 changes nothing.
struct HsvGains {
  double hue = 1;
  double saturation = 1;
  double value = 1;
};

cv::Mat JitterHsv(const cv::Mat& image, const HsvGains& gains) {
  cv::Mat table(1, 256, CV_8UC3);
  for (int i = 0; i < 256; ++i) {
    auto& entry = table.at<cv::Vec3b>(0, i);
    entry[0] = static_cast<unsigned char>(std::lround(i * gains.hue) % 180);  // OpenCV's 8-bit hue: 0..179.
    entry[1] = cv::saturate_cast<unsigned char>(i * gains.saturation);
    entry[2] = cv::saturate_cast<unsigned char>(i * gains.value);
  }
  return ThroughHsvTable(image, table);
}

}  // namespace

// Each factor uniform in [1 - jitter, 1 + jitter]. It multiplies, so that a grey (thermal) picture stays
// grey: adding to saturation, as Megvii and mmdetection's YOLOXHSVRandomAug do, would tint it.
TransformType HsvType() {
  return {.name = "hsv",
          .params = {{.name = "hue", .value = 0.015},
                     {.name = "saturation", .value = 0.7},
                     {.name = "value", .value = 0.4}},
          .make =
              [](const TransformParams& params) {
                const HsvGains jitter{params.at("hue"), params.at("saturation"), params.at("value")};
                return [jitter](const TransformInput& in, Sample* sample) {
                  const auto around_1 = [&](double most) { return in.random->Uniform(1 - most, 1 + most); };
                  HsvGains gains;
                  gains.hue = around_1(jitter.hue);
                  gains.saturation = around_1(jitter.saturation);
                  gains.value = around_1(jitter.value);
                  sample->image = JitterHsv(sample->image, gains);
                };
              },
          .draws_from_sample = true};
}

}  // namespace yoake::trainer
