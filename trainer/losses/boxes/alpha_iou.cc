#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor AlphaIou(const LossInput& in) {
  const double eps = in.Number("eps");
  const double alpha = in.Number("alpha");
  const std::string& mode = in.Text("mode");
  const BoxPair pair(in.pred, in.target);
  const at::Tensor iou = pair.intersection / (pair.union_area + eps);
  at::Tensor loss = 1 - Power(iou, alpha);
  if (mode == "giou") {
    const at::Tensor hull = pair.hull_w * pair.hull_h;
    loss = loss + Power((hull - pair.union_area).clamp_min(0) / (hull + eps), alpha);
  } else if (mode != "iou") {
    loss = loss + Power(pair.CentrePenalty(eps), alpha);
  }
  if (mode == "ciou") {
    const at::Tensor v = pair.AspectPenalty(eps);
    loss = loss + Power(BoxPair::AspectWeight(iou, v) * v, alpha);
  }
  return loss;
}

}  // namespace

// He et al. 2021 (Alpha-IoU), equations 4 and 5: every term of an IoU loss to the power alpha.
LossType AlphaIouType() {
  return {.name = "AlphaIoULoss",
          .roles = {LossRole::kBbox},
          .params = {{.name = "mode", .value = "ciou", .choices = {"iou", "giou", "diou", "ciou"}},
                     {.name = "alpha", .value = 3.0, .low = 0.01, .high = 20},
                     Eps()},
          .make = [](const LossConfig&) { return AlphaIou; }};
}

}  // namespace yoake::trainer
