#include "trainer/losses/yolox_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "tests/trainer/losses/loss_checks.h"
#include "trainer/models/decode.h"

namespace yoake::trainer {
namespace {

// A head of two classes at an input of 64: maps of 8, 4 and 2.
std::vector<at::Tensor> RawHead(std::int64_t batch, at::ScalarType type = at::kDouble) {
  const at::TensorOptions options(type);
  std::vector<at::Tensor> raw;
  std::int64_t seed = 1;
  for (const std::int64_t size : {8, 4, 2}) {
    const std::int64_t count = batch * 7 * size * size;
    raw.push_back(
        (at::arange(count, options) * .37 + static_cast<double>(seed++)).sin().view({batch, 7, size, size}));
  }
  return raw;
}

const at::Tensor& TwoBoxes() {
  static const at::Tensor kBoxes =
      at::tensor({0.F, 20.F, 24.F, 16.F, 12.F, 1.F, 40.F, 44.F, 30.F, 20.F}).view({2, 5});
  return kBoxes;
}

TEST(YoloxLoss, NoBoxesLeaveTheObjectnessTermAlone) {
  YoloxLoss loss(LossesConfig{}, AssignerConfig{}, UnnamedCategories(2, 64));
  std::vector<at::Tensor> raw = RawHead(2);
  for (at::Tensor& level : raw) level.set_requires_grad(true);
  const LossTerms terms = loss(raw, {at::empty({0, 5}), at::empty({0})}, true);
  EXPECT_EQ(terms.num_pos, 0);
  EXPECT_EQ(terms.bbox, 0);
  EXPECT_EQ(terms.cls, 0);
  EXPECT_EQ(terms.l1, 0);
  EXPECT_GT(terms.obj, 0);
  terms.total.backward();
  for (const at::Tensor& level : raw) EXPECT_TRUE(level.grad().isfinite().all().item<bool>());
}

TEST(YoloxLoss, TotalIsTheSumOfItsTerms) {
  YoloxLoss loss(LossesConfig{}, AssignerConfig{}, UnnamedCategories(2, 64));
  const LossTerms terms = loss(RawHead(1), {TwoBoxes()}, true);
  EXPECT_GT(terms.num_pos, 1);
  EXPECT_NEAR(terms.total.item<double>(), terms.bbox + terms.obj + terms.cls + terms.l1, 1e-9);
}

// Batches of several sizes: the side that losses see is the batch's, not the configured one.
TEST(YoloxLoss, TheSideIsTheBatchs) {
  LossesConfig losses;
  losses.bbox = MakeLossConfig(LossRole::kBbox, "MPDIoULoss", {{"reduction", "sum"}});
  YoloxLoss right(losses, AssignerConfig{}, UnnamedCategories(2, 64));
  YoloxLoss other(losses, AssignerConfig{}, UnnamedCategories(2, 320));
  EXPECT_EQ(other(RawHead(1), {TwoBoxes()}, false).bbox, right(RawHead(1), {TwoBoxes()}, false).bbox);
}

// Every loss in every place that takes it, on a real head.
TEST(YoloxLoss, TrainsWithEveryLoss) {
  const auto train = [](const LossConfig& config) {
    LossesConfig losses;
    for (LossConfig* term : {&losses.cls, &losses.obj, &losses.bbox, &losses.l1}) {
      if (term->role == config.role) *term = config;
    }
    YoloxLoss loss(losses, AssignerConfig{}, UnnamedCategories(2, 64));
    std::vector<at::Tensor> raw = RawHead(2, at::kFloat);
    for (at::Tensor& level : raw) level.set_requires_grad(true);
    const LossTerms terms = loss(raw, {TwoBoxes(), at::empty({0, 5})}, true);
    terms.total.backward();
    EXPECT_TRUE(std::isfinite(terms.total.item<double>()));
    for (const at::Tensor& level : raw) EXPECT_TRUE(level.grad().isfinite().all().item<bool>());
  };
  for (const LossRole role : {LossRole::kCls, LossRole::kObj, LossRole::kBbox, LossRole::kL1}) {
    for (const auto& [type, changes] : EveryLoss(role)) {
      SCOPED_TRACE(std::string(NameOf(role)) + " " + type);
      train(MakeLossConfig(role, type, changes));
    }
  }
}

// A pasted loss with mmdetection's default reduction is averaged, then divided by the positives again.
TEST(YoloxLoss, MeanDividesTwice) {
  const LossTerms sum = YoloxLoss(LossesConfig{}, AssignerConfig{}, UnnamedCategories(2, 64))(
      RawHead(2), {TwoBoxes(), TwoBoxes()}, true);
  LossesConfig losses;
  for (LossConfig* config : {&losses.cls, &losses.obj, &losses.bbox, &losses.l1}) {
    config->params["reduction"] = "mean";
  }
  const LossTerms mean = YoloxLoss(losses, AssignerConfig{}, UnnamedCategories(2, 64))(
      RawHead(2), {TwoBoxes(), TwoBoxes()}, true);
  const auto positives = static_cast<double>(sum.num_pos);
  EXPECT_NEAR(mean.bbox, sum.bbox / positives, 1e-9);
  EXPECT_NEAR(mean.cls, sum.cls / (2 * positives), 1e-9);
  EXPECT_NEAR(mean.l1, sum.l1 / (4 * positives), 1e-9);
  EXPECT_NEAR(mean.obj, sum.obj / (2 * 84), 1e-9);
  EXPECT_TRUE(EffectiveWeights(LossesConfig{}, 2, 64, 2).empty());
  const std::vector<std::string> lines = EffectiveWeights(losses, 2, 64, 2, 10);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_NE(lines[0].find("loss.bbox"), std::string::npos);
  EXPECT_NE(lines[0].find("0.5 under \"sum\""), std::string::npos) << lines[0];
}

// With equal class logits z the binary cross-entropy of a positive is 2 softplus(z) - z (sum of its targets):
// iou without smoothing, iou (1 - s) + s with it.
TEST(YoloxLoss, SmoothsTheClassTargets) {
  constexpr double kLogit = -1.5, kSmoothing = 0.2;
  std::vector<at::Tensor> raw = RawHead(1);
  for (at::Tensor& level : raw) level.slice(1, 5).fill_(kLogit);
  const auto cls_term = [&](double smoothing) {
    LossesConfig losses;
    losses.label_smoothing = smoothing;
    return YoloxLoss(losses, AssignerConfig{}, UnnamedCategories(2, 64))(raw, {TwoBoxes()}, false).cls;
  };
  const double nothing = 2 * std::log1p(std::exp(kLogit));
  const double iou = (nothing - cls_term(0)) / kLogit;
  ASSERT_GT(iou, 0.01);
  EXPECT_NEAR(cls_term(kSmoothing), nothing - kLogit * (iou * (1 - kSmoothing) + kSmoothing), 1e-9);
}

TEST(YoloxLoss, UnknownLabelIsADataError) {
  YoloxLoss loss(LossesConfig{}, AssignerConfig{}, UnnamedCategories(2, 64));
  for (const float label : {2.F, -1.F, NAN}) {
    at::Tensor boxes = TwoBoxes().clone();
    boxes[1][0] = label;
    try {
      loss(RawHead(1), {boxes}, false);
      FAIL() << label;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData);
      EXPECT_NE(std::string(error.what()).find("box 1"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace yoake::trainer
