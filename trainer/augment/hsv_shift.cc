#include <cmath>

#include "trainer/augment/hsv_table.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

// Levels added to hue (of 180, going round), saturation and value (of 255).
struct HsvLevels {
  int hue = 0;
  int saturation = 0;
  int value = 0;
};

cv::Mat ShiftHsv(const cv::Mat& image, const HsvLevels& levels) {
  cv::Mat table(1, 256, CV_8UC3);
  for (int i = 0; i < 256; ++i) {
    auto& entry = table.at<cv::Vec3b>(0, i);
    entry[0] = static_cast<unsigned char>((i + levels.hue + 180) % 180);
    entry[1] = cv::saturate_cast<unsigned char>(i + levels.saturation);
    entry[2] = cv::saturate_cast<unsigned char>(i + levels.value);
  }
  return ThroughHsvTable(image, table);
}

}  // namespace

// Megvii's augment_hsv and mmdetection's YOLOXHSVRandomAug: of the three shifts each takes place or not. It
// tints grey (thermal) pictures; "hsv", which multiplies, does not.
TransformType HsvShiftType() {
  return {.name = "hsv_shift",
          .params = {Prob(),
                     {.name = "hue_delta", .value = 5, .high = 90},
                     {.name = "saturation_delta", .value = 30, .high = 255},
                     {.name = "value_delta", .value = 30, .high = 255}},
          .make = [](const TransformParams& params) {
            const double most[] = {params.at("hue_delta"), params.at("saturation_delta"),
                                   params.at("value_delta")};
            return [=](const TransformInput& in, Sample* sample) {
              const auto draw = [&](double delta) {
                const double level = in.random->Uniform(-delta, delta);
                return in.random->Chance(0.5) ? static_cast<int>(level) : 0;
              };
              HsvLevels levels;
              levels.hue = draw(most[0]);
              levels.saturation = draw(most[1]);
              levels.value = draw(most[2]);
              sample->image = ShiftHsv(sample->image, levels);
            };
          }};
}

}  // namespace yoake::trainer
