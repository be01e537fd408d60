#pragma once

#include <array>

#include "core/rng.h"
#include "trainer/augment/sample.h"

namespace yoake::trainer {

// Four images around a common corner (YOLOv4, Bochkovskiy et al. 2020), seen through a random window: scale,
// shift, crop.
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
  // The window looks at the middle of the four. Megvii's code (since its commit a5f629a of 2021) looks at the
  // top left of them: more than a third of its pixels are padding, a fifth of the boxes is lost.
  bool centred = true;
};

MosaicPlan DrawMosaicPlan(const MosaicRange& range, int size, RandomStream* random);

// tiles: top-left, top-right, bottom-left, bottom-right, each scaled to fit `size`. The result is size x
// size, its boxes clipped to it; with drop_slivers those worth learning (sample.h), else those that Megvii's
// code keeps: thicker than a pixel, or, where none is, all of them, also those of no area on the border.
Sample MakeMosaic(const std::array<Sample, 4>& tiles, const MosaicPlan& plan, int size,
                  bool drop_slivers = true);

}  // namespace yoake::trainer
