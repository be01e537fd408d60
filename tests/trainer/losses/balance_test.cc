#include "trainer/losses/balance.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace yoake::trainer {
namespace {

TEST(GradientShares, AreNormsOverAllMaps) {
  const at::Tensor weight = at::ones({2}).set_requires_grad(true);
  const std::vector<at::Tensor> features = {weight * 2, weight * 3};
  const std::map<LossRole, at::Tensor> parts = {
      {LossRole::kBbox, 3 * features[0].sum() + 4 * features[1][0]},  // Norm sqrt(9 + 9 + 16).
      {LossRole::kObj, 2 * features[1][1]},                           // 2.
      {LossRole::kL1, at::zeros({}).set_requires_grad(true)}};        // Does not reach them.
  const auto shares = GradientShares(parts, features);
  const double box = std::sqrt(34.0);
  EXPECT_NEAR(shares.at(LossRole::kBbox), box / (box + 2), 1e-6);
  EXPECT_NEAR(shares.at(LossRole::kObj), 2 / (box + 2), 1e-6);
  EXPECT_EQ(shares.at(LossRole::kL1), 0);
  EXPECT_FALSE(weight.grad().defined());                  // Nothing is left behind,
  EXPECT_NO_THROW(parts.at(LossRole::kBbox).backward());  // and the graph can still be used.
}

TEST(GradientShares, NothingPulls) {
  const at::Tensor weight = at::ones({2}).set_requires_grad(true);
  const std::vector<at::Tensor> features = {weight * 2};
  EXPECT_EQ(GradientShares({{LossRole::kObj, 0 * features[0].sum()}}, features).at(LossRole::kObj), 0);
}

}  // namespace
}  // namespace yoake::trainer
