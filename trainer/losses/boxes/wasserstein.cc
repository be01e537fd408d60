#include <ATen/ATen.h>

#include "trainer/losses/boxes/overlap.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

at::Tensor Wasserstein(const LossInput& in) {
  const Corners a(in.pred);
  const Corners b(in.target);
  const at::Tensor squared = (a.cx() - b.cx()).square() + (a.cy() - b.cy()).square() +
                             ((a.w() - b.w()).square() + (a.h() - b.h()).square()) / 4;
  return 1 - at::exp(-(squared + in.Number("eps")).sqrt() / in.Number("constant"));
}

}  // namespace

// Wang et al. 2021 (normalized Gaussian Wasserstein distance for tiny objects), equations 5 to 7: boxes as
// Gaussians; unlike IoU it does not fall off a cliff for boxes of a few pixels. `constant`: pixels, about the
// mean size of the objects.
LossType WassersteinType() {
  return {.name = "NWDLoss",
          .roles = {LossRole::kBbox},
          .params = {{.name = "constant", .value = 12.8, .low = 0.01, .high = 10000}, Eps()},
          .make = [](const LossConfig&) { return Wasserstein; }};
}

}  // namespace yoake::trainer
