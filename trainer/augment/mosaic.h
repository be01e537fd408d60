#pragma once

#include <array>

#include "core/rng.h"
#include "trainer/augment/sample.h"
#include "trainer/train_config.h"

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

MosaicPlan DrawMosaicPlan(const AugmentConfig& config, int size, RandomStream* random);

// A box stays when at least a tenth of it is visible (YOLOv5's rule) ...
inline constexpr double kMinVisibleShare = 0.1;
// ... and both of its sides are at least this long: what is thinner is a sliver that teaches borders.
inline constexpr double kMinBoxSide_px = 2;

// tiles: top-left, top-right, bottom-left, bottom-right, each scaled to fit `size`. The result is size x
// size, its boxes clipped to it.
Sample MakeMosaic(const std::array<Sample, 4>& tiles, const MosaicPlan& plan, int size);

}  // namespace yoake::trainer
