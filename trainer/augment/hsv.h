#pragma once

#include <opencv2/core/mat.hpp>

#include "core/rng.h"
#include "trainer/train_config.h"

namespace yoake::trainer {

// Factors on hue, saturation and value. 1 changes nothing.
struct HsvGains {
  double hue = 1;
  double saturation = 1;
  double value = 1;
};

// Each uniform in [1 - jitter, 1 + jitter].
HsvGains DrawHsvGains(const AugmentConfig& config, RandomStream* random);

// Multiplies, so that a grey (thermal) picture stays grey: adding to saturation, as Megvii does, would tint
// it. Never writes into the given pixels.
cv::Mat JitterHsv(const cv::Mat& image, const HsvGains& gains);

}  // namespace yoake::trainer
