#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor MinPointsDistance(const LossInput& in) {
  const BoxPair pair(in.pred, in.target);
  const Corners& a = pair.a;
  const Corners& b = pair.b;
  const at::Tensor iou = pair.intersection / (pair.union_area + in.Number("eps"));
  const at::Tensor corners =
      (a.x1 - b.x1).square() + (a.y1 - b.y1).square() + (a.x2 - b.x2).square() + (a.y2 - b.y2).square();
  const double side = in.context.input_size;
  return 1 - iou + corners / (2 * side * side);
}

}  // namespace

// Ma and Xu 2023 (MPDIoU), equations 4 to 6: distances of the two corners against the diagonal of the input.
LossType MinPointsDistanceType() {
  return {.name = "MPDIoULoss", .roles = {LossRole::kBbox}, .params = {Eps()}, .make = [](const LossConfig&) {
            return MinPointsDistance;
          }};
}

}  // namespace yoake::trainer
