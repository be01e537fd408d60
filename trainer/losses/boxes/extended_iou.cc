#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor ExtendedIou(const LossInput& in) {
  const double smooth_point = in.Number("smooth_point");
  const BoxPair pair(in.pred, in.target);
  const Corners& a = pair.a;
  const Corners& b = pair.b;
  // Signed where the boxes lie apart, so that the slope does not vanish there.
  const at::Tensor left = at::minimum(a.x1, b.x1);
  const at::Tensor top = at::minimum(a.y1, b.y1);
  const at::Tensor x1 = at::maximum(a.x1, b.x1);
  const at::Tensor y1 = at::maximum(a.y1, b.y1);
  const at::Tensor x2 = at::minimum(a.x2, b.x2);
  const at::Tensor y2 = at::minimum(a.y2, b.y2);
  const at::Tensor x_low = at::minimum(x1, x2);
  const at::Tensor x_high = at::maximum(x1, x2);
  const at::Tensor y_low = at::minimum(y1, y2);
  const at::Tensor y_high = at::maximum(y1, y2);
  const at::Tensor intersection = (x2 - left) * (y2 - top) + (x_low - left) * (y_low - top) -
                                  (x1 - left) * (y_high - top) - (x_high - left) * (y1 - top);
  const at::Tensor union_area = a.w() * a.h() + b.w() * b.h() - intersection + in.Number("eps");
  const at::Tensor rest = 1 - intersection / union_area;
  return at::where(rest < smooth_point, rest.square() / (2 * smooth_point), rest - smooth_point / 2);
}

}  // namespace

// Peng and Yu 2021 (Extended-IoU), whose intersection goes below 0 for boxes apart, smoothed below
// smooth_point; mmdetection's EIoULoss. The EIoU of Zhang et al. is EfficientIoULoss.
LossType ExtendedIouType() {
  return {.name = "EIoULoss",
          .roles = {LossRole::kBbox},
          .params = {Eps(), {.name = "smooth_point", .value = 0.1, .low = 1e-6, .high = 1}},
          .make = [](const LossConfig&) { return ExtendedIou; }};
}

}  // namespace yoake::trainer
