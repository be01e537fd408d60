#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "trainer/losses/loss.h"

namespace yoake::trainer {

using Changes = std::map<std::string, nlohmann::json>;

// float64 rows.
inline at::Tensor Rows(const std::vector<double>& values, std::int64_t columns) {
  return at::tensor(values, at::kDouble).view({-1, columns});
}

// A loss of three categories at an input of 100 pixels, reduction "sum" unless changed.
inline Loss MakeLoss(LossRole role, const std::string& type, Changes changes = {}) {
  changes.emplace("reduction", "sum");
  return {MakeLossConfig(role, type, changes), {.categories = {"red", "white", "small"}, .input_size = 100}};
}

// Every type of a role with the changes that give it something to compute.
inline std::vector<std::pair<std::string, Changes>> EveryLoss(LossRole role) {
  std::vector<std::pair<std::string, Changes>> all;
  for (const std::string& type : LossTypes(role)) {
    if (type != "expression") {
      all.emplace_back(type, Changes{});
    } else if (role == LossRole::kBbox) {
      all.emplace_back(type, Changes{{"formula", "1 - iou + centre"}});
    } else if (role == LossRole::kL1) {
      all.emplace_back(type, Changes{{"formula", "(pred - target)^2"}});
    } else {
      all.emplace_back(type, Changes{{"formula", "bce * (t - p)^2"}});
    }
  }
  return all;
}

// Central differences in float64 against backward(), element by element; a fresh loss for every value, since
// some remember.
inline void ExpectGradient(const std::function<Loss()>& make, const at::Tensor& pred,
                           const at::Tensor& target, double tolerance = 1e-6) {
  at::Tensor x = pred.to(at::kDouble).clone().set_requires_grad(true);
  make()(x, target).backward();
  constexpr double kStep = 1e-6;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const auto moved = [&](double by) {
      at::Tensor y = x.detach().clone();
      y.view(-1)[i] += by;
      return make()(y, target).item<double>();
    };
    const double slope = (moved(kStep) - moved(-kStep)) / (2 * kStep);
    EXPECT_NEAR(x.grad().view(-1)[i].item<double>(), slope, tolerance * std::max(1.0, std::abs(slope))) << i;
  }
}

inline void ExpectFinite(Loss loss, const at::Tensor& pred, const at::Tensor& target) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    at::Tensor x = pred.to(type, /*non_blocking=*/false, /*copy=*/true).set_requires_grad(true);
    const at::Tensor value = loss(x, target.to(type));
    value.backward();
    EXPECT_TRUE(value.isfinite().item<bool>()) << type << ' ' << value;
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>()) << type << ' ' << x.grad();
  }
}

}  // namespace yoake::trainer
