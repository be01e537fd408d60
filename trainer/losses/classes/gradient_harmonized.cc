#include <ATen/ATen.h>

#include <algorithm>

#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor GradientHarmonized(const LossInput& in) {
  const auto bins = static_cast<std::int64_t>(in.Number("bins"));
  const double momentum = in.Number("momentum");
  const at::Tensor gradient = (in.pred.detach().sigmoid() - in.target).abs();
  const at::Tensor bin = (gradient * static_cast<double>(bins)).floor().clamp(0, bins - 1).to(at::kLong);
  const at::Tensor count = at::bincount(bin.flatten(), {}, bins).to(at::kDouble);
  const at::Tensor used = count > 0;
  at::Tensor density = count;
  if (momentum > 0) {
    at::Tensor& average = in.State("average_count", bins);
    average = at::where(used, momentum * average + (1 - momentum) * count, average);
    density = average;
  }
  const double total = std::max<double>(static_cast<double>(in.pred.numel()), 1);
  const at::Tensor used_bins = used.sum().clamp_min(1);
  const at::Tensor weight = at::where(used, total / density, at::zeros_like(density)) / used_bins;
  return SigmoidCrossEntropy(in.pred, in.target) * weight.to(in.pred.scalar_type()).index({bin});
}

}  // namespace

// Li et al. 2019 (Gradient Harmonized Single-stage Detector), equation 9; mmdetection's GHMC.
LossType GradientHarmonizedType() {
  return {.name = "GHMC",
          .roles = {LossRole::kCls, LossRole::kObj},
          .params = {UseSigmoid(),
                     {.name = "bins", .value = 10, .low = 1, .high = 10000},
                     {.name = "momentum", .value = 0.0, .high = 0.999999}},
          .make = [](const LossConfig&) { return GradientHarmonized; }};
}

}  // namespace yoake::trainer
