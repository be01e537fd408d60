#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor IouLoss(const LossInput& in) {
  const BoxPair pair(in.pred, in.target);
  // mmdetection's bbox_overlaps floors the union at its own 1e-6 whatever the loss's eps.
  const at::Tensor iou = (pair.intersection / pair.union_area.clamp_min(1e-6)).clamp_min(in.Number("eps"));
  const std::string& mode = in.Text("mode");
  if (mode == "linear") return 1 - iou;
  return mode == "square" ? 1 - iou.square() : -iou.log();
}

}  // namespace

// 1 - IoU, 1 - IoU^2 or -ln IoU (Yu et al. 2016), IoU floored at eps; mmdetection's IoULoss.
LossType IouType() {
  return {.name = "IoULoss",
          .roles = {LossRole::kBbox},
          .params = {{.name = "mode", .value = "log", .choices = {"linear", "square", "log"}}, Eps()},
          .make = [](const LossConfig&) { return IouLoss; }};
}

}  // namespace yoake::trainer
