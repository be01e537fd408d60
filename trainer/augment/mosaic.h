#pragma once

#include <array>

#include "core/rng.h"
#include "trainer/augment/sample.h"

namespace yoake::trainer {

// Four images around a common corner (YOLOv4, Bochkovskiy et al. 2020), seen through a random window: scale,
// shift, crop. The window looks at the middle of the four (Megvii's has been off centre since 2021 and shows
// mostly padding).
struct MosaicPlan {
  double corner_x =
      0;  // Where the images meet, in input pixels from the middle of the window, before scaling.
  double corner_y = 0;
  double scale = 1;
  double shift_x = 0;  // Input pixels, after scaling.
  double shift_y = 0;
};

struct MosaicRange {
  double scale_low = 0.5;
  double scale_high = 1.5;
  double translate = 0.1;  // Largest shift as a share of the input size.
};

MosaicPlan DrawMosaicPlan(const MosaicRange& range, int size, RandomStream* random);

// tiles: top-left, top-right, bottom-left, bottom-right, each scaled to fit `size`. The result is size x
// size, its boxes clipped to it.
Sample MakeMosaic(const std::array<Sample, 4>& tiles, const MosaicPlan& plan, int size);

}  // namespace yoake::trainer
