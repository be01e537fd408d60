#include "trainer/losses/loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/error.h"
#include "trainer/losses/yolox_loss.h"
#include "trainer/models/decode.h"

namespace yoake::trainer {
namespace {

using Scalar = std::function<at::Tensor(const at::Tensor&)>;

// Central differences in float64 against backward(), element by element.
void ExpectGradient(const Scalar& loss, const at::Tensor& at_point, double tolerance = 1e-6) {
  at::Tensor x = at_point.to(at::kDouble).clone().set_requires_grad(true);
  loss(x).backward();
  constexpr double kStep = 1e-6;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const auto moved = [&](double by) {
      at::Tensor y = x.detach().clone();
      y.view(-1)[i] += by;
      return loss(y).item<double>();
    };
    const double slope = (moved(kStep) - moved(-kStep)) / (2 * kStep);
    EXPECT_NEAR(x.grad().view(-1)[i].item<double>(), slope, tolerance * std::max(1.0, std::abs(slope))) << i;
  }
}

at::Tensor Rows(std::initializer_list<double> values, std::int64_t columns) {
  return at::tensor(std::vector<double>(values), at::kDouble).view({-1, columns});
}

LossConfig Sum(const std::string& type) {
  LossConfig config;
  config.type = type;
  config.reduction = "sum";
  return config;
}

const at::Tensor& Boxes() {
  static const at::Tensor kBoxes = Rows({10, 10, 30, 42, 5, 8, 25, 20, 0, 0, 12, 7, 50, 50, 70, 65}, 4);
  return kBoxes;
}
const at::Tensor& Truth() {
  static const at::Tensor kTruth = Rows({12, 9, 33, 40, 9, 3, 21, 26, 40, 40, 60, 61, 51, 48, 66, 67}, 4);
  return kTruth;
}

TEST(BoxLosses, GradientsMatchFiniteDifferences) {
  for (const std::string& type : BoxLossNames()) {
    SCOPED_TRACE(type);
    if (type == "CIoULoss") continue;  // alpha is a constant to its gradient: see the next test.
    const auto loss = MakeBoxLoss(Sum(type), "loss.bbox");
    ExpectGradient([&](const at::Tensor& x) { return (*loss)(x, Truth()); }, Boxes());
  }
  for (const char* mode : {"linear", "square", "log"}) {
    SCOPED_TRACE(mode);
    LossConfig config = Sum("IoULoss");
    config.mode = mode;
    const auto loss = MakeBoxLoss(config, "loss.bbox");
    ExpectGradient([&](const at::Tensor& x) { return (*loss)(x, Truth()); }, Boxes());
  }
}

// Below an IoU of one half alpha is 0 and CIoU is DIoU; its gradient must be, too.
TEST(BoxLosses, CompleteIouIsDistanceIouForPoorBoxes) {
  const at::Tensor pred = Rows({5, 8, 25, 20, 0, 0, 12, 7}, 4);
  const at::Tensor truth = Rows({9, 3, 41, 26, 40, 40, 60, 61}, 4);
  const auto ciou = MakeBoxLoss(Sum("CIoULoss"), "loss.bbox");
  const auto diou = MakeBoxLoss(Sum("DIoULoss"), "loss.bbox");
  EXPECT_NEAR((*ciou)(pred, truth).item<double>(), (*diou)(pred, truth).item<double>(), 1e-12);
  ExpectGradient([&](const at::Tensor& x) { return (*ciou)(x, truth); }, pred);
}

// mmdetection's formula by hand for a box of IoU 0.5 < 0.6 = 600/1000 with another shape.
TEST(BoxLosses, CompleteIouByHand) {
  const at::Tensor pred = Rows({0, 0, 20, 30}, 4);
  const at::Tensor truth = Rows({0, 0, 25, 40}, 4);
  const double iou = 600.0 / 1000;
  const double centre = (2.5 * 2.5 + 5.0 * 5.0) / (25.0 * 25 + 40.0 * 40);
  const double angle = std::atan(25.0 / 40) - std::atan(20.0 / 30);
  const double v = 4 / (M_PI * M_PI) * angle * angle;
  const double alpha = v / (1 - iou + v);
  const auto loss = MakeBoxLoss(Sum("CIoULoss"), "loss.bbox");
  EXPECT_NEAR((*loss)(pred, truth).item<double>(), 1 - (iou - centre - alpha * v), 1e-7);
}

TEST(BoxLosses, DegenerateBoxesStayFinite) {
  const at::Tensor pred = Rows({5, 5, 5, 5, 0, 0, 10, 10, 0, 0, 10, 10, 1e6, 1e6, 2e6, 2e6, 5, 5, 5, 9}, 4);
  const at::Tensor truth = Rows({5, 5, 5, 5, 0, 0, 10, 10, 20, 20, 20, 20, 0, 0, 1, 1, 5, 5, 5, 9}, 4);
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    for (const std::string& name : BoxLossNames()) {
      for (const char* mode : {"linear", "square", "log"}) {
        LossConfig config = Sum(name);
        config.mode = mode;
        at::Tensor x = pred.to(type).set_requires_grad(true);
        const at::Tensor loss = (*MakeBoxLoss(config, "loss.bbox"))(x, truth.to(type));
        loss.backward();
        EXPECT_TRUE(loss.isfinite().item<bool>()) << name << ' ' << mode;
        EXPECT_TRUE(x.grad().isfinite().all().item<bool>()) << name << ' ' << mode;
      }
    }
  }
}

TEST(ElementLosses, GradientsMatchFiniteDifferences) {
  const at::Tensor logits = Rows({-3, -.5, .2, 4, -30, 30}, 3);
  const at::Tensor target = Rows({0, 1, .3, .85, 0, 1}, 3);
  for (const std::string& type : ElementLossNames()) {
    SCOPED_TRACE(type);
    const auto loss = MakeElementLoss(Sum(type), "loss.cls");
    ExpectGradient([&](const at::Tensor& x) { return (*loss)(x, target); }, logits);
  }
}

TEST(ElementLosses, FocalByHand) {
  LossConfig config = Sum("FocalLoss");
  config.gamma = 1.5;
  config.alpha = .3;
  const double x = .7;
  const double t = .6;
  const double p = 1 / (1 + std::exp(-x));
  const double expected = -(t * std::log(p) + (1 - t) * std::log(1 - p)) * (.3 * t + .7 * (1 - t)) *
                          std::pow((1 - p) * t + p * (1 - t), 1.5);
  const auto loss = MakeElementLoss(config, "loss.cls");
  EXPECT_NEAR((*loss)(Rows({x}, 1), Rows({t}, 1)).item<double>(), expected, 1e-12);
}

TEST(ElementLosses, ExtremeLogitsStayFinite) {
  const at::Tensor target = at::tensor({1.F, 0.F, .5F, 0.F});
  for (const char* type : {"CrossEntropyLoss", "FocalLoss"}) {
    at::Tensor x = at::tensor({-200.F, 200.F, 88.F, -200.F}).set_requires_grad(true);
    const at::Tensor loss = (*MakeElementLoss(Sum(type), "loss.cls"))(x, target);
    loss.backward();
    EXPECT_TRUE(loss.isfinite().item<bool>()) << type;
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>()) << type;
  }
}

TEST(Losses, WeightAndReductionScaleTheSum) {
  const at::Tensor logits = Rows({-3, -.5, .2, 4, -30, 30}, 3);
  const at::Tensor target = Rows({0, 1, .3, .85, 0, 1}, 3);
  LossConfig config = Sum("CrossEntropyLoss");
  const double sum = (*MakeElementLoss(config, "loss.cls"))(logits, target).item<double>();
  config.loss_weight = 2.5;
  EXPECT_NEAR((*MakeElementLoss(config, "loss.cls"))(logits, target).item<double>(), 2.5 * sum, 1e-12);
  config.reduction = "mean";
  EXPECT_NEAR((*MakeElementLoss(config, "loss.cls"))(logits, target).item<double>(), 2.5 * sum / 6, 1e-12);
  EXPECT_EQ(
      (*MakeElementLoss(config, "loss.cls"))(logits.slice(0, 0, 0), target.slice(0, 0, 0)).item<double>(), 0);
}

TEST(Losses, WrongNamesAreConfigurationErrors) {
  EXPECT_THROW(MakeElementLoss(Sum("IoULoss"), "loss.cls"), Error);
  EXPECT_THROW(MakeBoxLoss(Sum("FocalLoss"), "loss.bbox"), Error);
  LossConfig config = Sum("IoULoss");
  config.mode = "cubic";
  EXPECT_THROW(MakeBoxLoss(config, "loss.bbox"), Error);
  config = Sum("L1Loss");
  config.reduction = "none";
  EXPECT_THROW(MakeElementLoss(config, "loss.l1"), Error);
}

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
  YoloxLoss loss(LossesConfig{}, AssignerConfig{}, 2);
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
  YoloxLoss loss(LossesConfig{}, AssignerConfig{}, 2);
  const LossTerms terms = loss(RawHead(1), {TwoBoxes()}, true);
  EXPECT_GT(terms.num_pos, 1);
  EXPECT_NEAR(terms.total.item<double>(), terms.bbox + terms.obj + terms.cls + terms.l1, 1e-9);
}

// A pasted loss with mmdetection's default reduction is averaged, then divided by the positives again.
TEST(YoloxLoss, MeanDividesTwice) {
  const LossTerms sum =
      YoloxLoss(LossesConfig{}, AssignerConfig{}, 2)(RawHead(2), {TwoBoxes(), TwoBoxes()}, true);
  LossesConfig losses;
  for (LossConfig* config : {&losses.cls, &losses.obj, &losses.bbox, &losses.l1}) config->reduction = "mean";
  const LossTerms mean = YoloxLoss(losses, AssignerConfig{}, 2)(RawHead(2), {TwoBoxes(), TwoBoxes()}, true);
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

TEST(YoloxLoss, UnknownLabelIsADataError) {
  YoloxLoss loss(LossesConfig{}, AssignerConfig{}, 2);
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
