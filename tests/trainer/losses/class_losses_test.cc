#include "core/error.h"
#include "tests/trainer/losses/loss_checks.h"

namespace yoake::trainer {
namespace {

const at::Tensor& Logits() {
  static const at::Tensor kLogits = Rows({-3, -.5, .2, 4, -30, 30, 1.5, -.2, .7}, 3);
  return kLogits;
}
const at::Tensor& Soft() {
  static const at::Tensor kTarget = Rows({0, 1, .3, .85, 0, 1, 0, 0, .6}, 3);
  return kTarget;
}

double Of(const std::string& type, const Changes& changes = {}) {
  return MakeLoss(LossRole::kCls, type, changes)(Logits(), Soft()).item<double>();
}

TEST(ClassLosses, GradientsMatchFiniteDifferences) {
  auto losses = EveryLoss(LossRole::kCls);
  losses.push_back({"FocalLoss", {{"alpha", {0.1, 0.5, 0.9}}, {"gamma", 0.7}}});
  losses.push_back({"CrossEntropyLoss", {{"class_weight", {{"small", 4}}}}});
  losses.push_back({"VarifocalLoss", {{"iou_weighted", false}}});
  losses.push_back({"GHMC", {{"momentum", 0.5}}});
  for (const auto& [type, changes] : losses) {
    SCOPED_TRACE(type);
    ExpectGradient([&, t = type, c = changes] { return MakeLoss(LossRole::kCls, t, c); }, Logits(), Soft());
  }
}

// What mmdetection 3 gives for these in float64: binary_cross_entropy (pos_weight), py_sigmoid_focal_loss,
// quality_focal_loss_tensor_target, varifocal_loss, GHMC, EQLV2Loss (its column for the background left out)
// and mmpretrain's asymmetric_loss, all summed.
TEST(ClassLosses, EqualMmdetection) {
  EXPECT_NEAR(Of("CrossEntropyLoss", {{"class_weight", {1, 2, .5}}}), 6.1250916684104215, 1e-12);
  EXPECT_NEAR(Of("FocalLoss"), 1.2301993941807217, 1e-12);
  EXPECT_NEAR(Of("QualityFocalLoss"), 1.6960275516787244, 1e-12);
  EXPECT_NEAR(Of("VarifocalLoss"), 3.0748032879586957, 1e-12);
  EXPECT_NEAR(Of("VarifocalLoss", {{"iou_weighted", false}}), 3.9574974052676644, 1e-12);
  EXPECT_NEAR(Of("AsymmetricLoss"), 1.7988792075075588, 1e-12);
  EXPECT_NEAR(Of("GHMC"), 7.219291918438049, 1e-12);
  EXPECT_NEAR(Of("EQLV2Loss"), 5.361691329303239, 1e-12);
}

// The second call of the two losses that remember, on halved logits.
TEST(ClassLosses, MemoryEqualsMmdetection) {
  Loss harmonized = MakeLoss(LossRole::kCls, "GHMC", {{"momentum", 0.7}});
  harmonized(Logits(), Soft());
  EXPECT_NEAR(harmonized(Logits() / 2, Soft()).item<double>(), 12.871330331192361, 1e-12);
  Loss equalized = MakeLoss(LossRole::kCls, "EQLV2Loss");
  equalized(Logits(), Soft());
  Loss resumed = MakeLoss(LossRole::kCls, "EQLV2Loss");
  for (const auto& [name, tensor] : equalized.state()) resumed.state()[name] = tensor.clone();
  EXPECT_NEAR(equalized(Logits() / 2, Soft()).item<double>(), 6.273881176354978, 1e-9);
  EXPECT_NEAR(resumed(Logits() / 2, Soft()).item<double>(), 6.273881176354978, 1e-9);
}

TEST(ClassLosses, FocalByHand) {
  const double x = .7;
  const double t = .6;
  const double p = 1 / (1 + std::exp(-x));
  const double expected = -(t * std::log(p) + (1 - t) * std::log(1 - p)) * (.3 * t + .7 * (1 - t)) *
                          std::pow((1 - p) * t + p * (1 - t), 1.5);
  Loss loss = MakeLoss(LossRole::kObj, "FocalLoss", {{"gamma", 1.5}, {"alpha", .3}});
  EXPECT_NEAR(loss(Rows({x}, 1), Rows({t}, 1)).item<double>(), expected, 1e-12);
}

TEST(ClassLosses, ExtremeLogitsStayFinite) {
  const at::Tensor target = Rows({1, 0, .5, 0, 1, 1}, 3);
  const at::Tensor logits = Rows({-200, 200, 88, -200, 200, 30}, 3);
  auto losses = EveryLoss(LossRole::kCls);
  for (const double power : {0.0, 0.5, 1.0}) {
    losses.push_back({"FocalLoss", {{"gamma", power}}});
    losses.push_back({"QualityFocalLoss", {{"beta", power}}});
    losses.push_back({"VarifocalLoss", {{"gamma", power}}});
    losses.push_back({"AsymmetricLoss", {{"gamma_pos", power}, {"gamma_neg", power}, {"clip", 0.0}}});
  }
  for (const auto& [type, changes] : losses) {
    SCOPED_TRACE(type + nlohmann::json(changes).dump());
    ExpectFinite(MakeLoss(LossRole::kCls, type, changes), logits, target);
  }
}

TEST(Losses, WeightAndReductionScaleTheSum) {
  const double sum = Of("CrossEntropyLoss");
  EXPECT_NEAR(Of("CrossEntropyLoss", {{"loss_weight", 2.5}}), 2.5 * sum, 1e-12);
  EXPECT_NEAR(Of("CrossEntropyLoss", {{"loss_weight", 2.5}, {"reduction", "mean"}}), 2.5 * sum / 9, 1e-12);
  // Quality focal loss sums over the classes first.
  EXPECT_NEAR(Of("QualityFocalLoss", {{"reduction", "mean"}}), Of("QualityFocalLoss") / 3, 1e-12);
  const at::Tensor none = Logits().slice(0, 0, 0);
  EXPECT_EQ(MakeLoss(LossRole::kCls, "CrossEntropyLoss", {{"reduction", "mean"}})(none, none).item<double>(),
            0);
}

TEST(Losses, WeightsByCategoryAreColumns) {
  const double listed = Of("FocalLoss", {{"loss_weight", {1, 1, 5}}});
  const double named = Of("FocalLoss", {{"loss_weight", {{"small", 5}}}});
  EXPECT_NEAR(listed, named, 1e-12);
  Loss alone = MakeLoss(LossRole::kObj, "FocalLoss");
  const double small = alone(Logits().slice(1, 2, 3), Soft().slice(1, 2, 3)).item<double>();
  EXPECT_NEAR(listed, Of("FocalLoss") + 4 * small, 1e-12);
}

TEST(Losses, CategoriesThatDoNotFitAreConfigurationErrors) {
  const auto message = [](const Changes& changes) -> std::string {
    try {
      MakeLoss(LossRole::kCls, "FocalLoss", changes);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_NE(
      message({{"alpha", {0.1, 0.2}}}).find("loss.cls.alpha: 2 values for 3 categories (red, white, small)"),
      std::string::npos)
      << message({{"alpha", {0.1, 0.2}}});
  EXPECT_NE(message({{"alpha", {{"smal", 0.2}}}}).find("did you mean 'small'"), std::string::npos);
}

TEST(Losses, CurvesFollowTheEpochs) {
  const auto at_epoch = [](const nlohmann::json& curve, double epoch) {
    Loss loss = MakeLoss(LossRole::kCls, "FocalLoss", {{"loss_weight", curve}});
    loss.SetEpoch(epoch);
    return loss(Logits(), Soft()).item<double>() / Of("FocalLoss");
  };
  const nlohmann::json line = {{"epochs", {2, 4}}, {"values", {1.0, 3.0}}};
  for (const auto& [epoch, expected] :
       {std::pair{0.0, 1.0}, {2.0, 1.0}, {2.5, 1.5}, {4.0, 3.0}, {9.0, 3.0}}) {
    EXPECT_NEAR(at_epoch(line, epoch), expected, 1e-12) << epoch;
  }
  nlohmann::json stairs = line;
  stairs["steps"] = true;
  EXPECT_NEAR(at_epoch(stairs, 3.9), 1, 1e-12);
  EXPECT_NEAR(at_epoch(stairs, 4), 3, 1e-12);
}

}  // namespace
}  // namespace yoake::trainer
