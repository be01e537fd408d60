#include <ATen/ATen.h>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

constexpr double kBalancedFromStart = 100;  // Ratio of gradients before any has been seen.

at::Tensor Equalization(const LossInput& in) {
  at::Tensor& positive = in.State("positive_gradient", in.pred.size(1));
  at::Tensor& negative = in.State("negative_gradient", in.pred.size(1));
  const at::Tensor ratio = at::where(positive + negative > 0, positive / (negative + 1e-10),
                                     at::full_like(positive, kBalancedFromStart));
  const at::Tensor of_negative =
      at::sigmoid(in.Number("gamma") * (ratio - in.Number("mu"))).to(in.pred.scalar_type());
  const at::Tensor of_positive = 1 + in.Number("alpha") * (1 - of_negative);
  const at::Tensor weight = of_positive * in.target + of_negative * (1 - in.target);

  const at::Tensor gradient = (in.pred.detach().sigmoid() - in.target).abs() * weight;
  positive += (gradient * in.target).sum(0);
  negative += (gradient * (1 - in.target)).sum(0);
  return SigmoidCrossEntropy(in.pred, in.target) * weight;
}

}  // namespace

// Tan et al. 2021 (Equalization Loss v2), equations 5 to 8; mmdetection's EQLV2Loss without its column for
// the background, which is objectness here. Gradients of all steps so far are summed by class.
LossType EqualizationType() {
  return {.name = "EQLV2Loss",
          .roles = {LossRole::kCls},
          .params = {UseSigmoid(),
                     {.name = "gamma", .value = 12.0, .high = 1000},
                     {.name = "mu", .value = 0.8, .high = 100},
                     {.name = "alpha", .value = 4.0, .high = 1000}},
          .make = [](const LossConfig&) { return Equalization; },
          .mean_over_rows = true};
}

}  // namespace yoake::trainer
