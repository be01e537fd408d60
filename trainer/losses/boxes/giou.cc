#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor Giou(const LossInput& in) {
  const double eps = in.Number("eps");
  const BoxPair pair(in.pred, in.target);
  const at::Tensor union_area = pair.union_area.clamp_min(eps);
  const at::Tensor hull = (pair.hull_w * pair.hull_h).clamp_min(eps);
  return 1 - (pair.intersection / union_area - (hull - union_area) / hull);
}

}  // namespace

// 1 - (IoU - (hull - union) / hull): Rezatofighi et al. 2019; mmdetection's GIoULoss.
LossType GiouType() {
  return {.name = "GIoULoss", .roles = {LossRole::kBbox}, .params = {Eps()}, .make = [](const LossConfig&) {
            return Giou;
          }};
}

}  // namespace yoake::trainer
