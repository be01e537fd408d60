#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {

// |pred - target|; mmdetection's L1Loss. As a box loss it is in pixels.
LossType L1Type() {
  return {.name = "L1Loss",
          .roles = {LossRole::kL1, LossRole::kBbox},
          .params = {},
          .make = [](const LossConfig&) -> LossFormula {
            return [](const LossInput& in) { return (in.pred - in.target).abs(); };
          }};
}

}  // namespace yoake::trainer
