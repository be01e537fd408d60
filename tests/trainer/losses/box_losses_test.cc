#include "tests/trainer/losses/loss_checks.h"

namespace yoake::trainer {
namespace {

const at::Tensor& Boxes() {
  static const at::Tensor kBoxes = Rows({10, 10, 30, 42, 5, 8, 25, 20, 0, 0, 12, 7, 50, 50, 70, 65}, 4);
  return kBoxes;
}
const at::Tensor& Truth() {
  static const at::Tensor kTruth = Rows({12, 9, 33, 40, 9, 3, 21, 26, 40, 40, 60, 61, 51, 48, 66, 67}, 4);
  return kTruth;
}

double Of(const std::string& type, const at::Tensor& pred, const at::Tensor& truth,
          const Changes& changes = {}) {
  return MakeLoss(LossRole::kBbox, type, changes)(pred, truth).item<double>();
}

// The loss of each box by itself.
std::vector<double> Each(const std::string& type, const Changes& changes = {}) {
  std::vector<double> losses;
  for (std::int64_t i = 0; i < Boxes().size(0); ++i) {
    losses.push_back(Of(type, Boxes().slice(0, i, i + 1), Truth().slice(0, i, i + 1), changes));
  }
  return losses;
}

void ExpectEach(const std::vector<double>& found, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], tolerance) << i;
}

TEST(BoxLosses, GradientsMatchFiniteDifferences) {
  auto losses = EveryLoss(LossRole::kBbox);
  for (const char* mode : {"linear", "square", "log"}) losses.push_back({"IoULoss", {{"mode", mode}}});
  for (const char* mode : {"iou", "giou", "diou"}) losses.push_back({"AlphaIoULoss", {{"mode", mode}}});
  losses.push_back({"SIoULoss", {{"neg_gamma", true}}});
  for (const auto& [type, changes] : losses) {
    SCOPED_TRACE(type);
    if (type == "CIoULoss" || (type == "AlphaIoULoss" && changes.empty())) continue;  // alpha: the next test.
    ExpectGradient([&, t = type, c = changes] { return MakeLoss(LossRole::kBbox, t, c); }, Boxes(), Truth());
  }
}

// Below an IoU of one half alpha is 0 and CIoU is DIoU; its gradient must be, too.
TEST(BoxLosses, CompleteIouIsDistanceIouForPoorBoxes) {
  const at::Tensor pred = Rows({5, 8, 25, 20, 0, 0, 12, 7}, 4);
  const at::Tensor truth = Rows({9, 3, 41, 26, 40, 40, 60, 61}, 4);
  EXPECT_NEAR(Of("CIoULoss", pred, truth), Of("DIoULoss", pred, truth), 1e-12);
  for (const char* type : {"CIoULoss", "AlphaIoULoss"}) {
    ExpectGradient([&] { return MakeLoss(LossRole::kBbox, type); }, pred, truth);
  }
}

// The papers' formulas in plain numbers for a box of IoU 600/1000 with another shape.
TEST(BoxLosses, ByHand) {
  const at::Tensor pred = Rows({0, 0, 20, 30}, 4);
  const at::Tensor truth = Rows({0, 0, 25, 40}, 4);
  const double iou = 600.0 / 1000;
  const double diagonal = 25.0 * 25 + 40.0 * 40;
  const double centre = (2.5 * 2.5 + 5.0 * 5.0) / diagonal;
  const double angle = std::atan(25.0 / 40) - std::atan(20.0 / 30);
  const double v = 4 / (M_PI * M_PI) * angle * angle;
  const double alpha = v / (1 - iou + v);
  EXPECT_NEAR(Of("IoULoss", pred, truth, {{"mode", "linear"}}), 1 - iou, 1e-7);
  EXPECT_NEAR(Of("IoULoss", pred, truth, {{"mode", "square"}}), 1 - iou * iou, 1e-7);
  EXPECT_NEAR(Of("IoULoss", pred, truth), -std::log(iou), 1e-7);
  EXPECT_NEAR(Of("GIoULoss", pred, truth), 1 - iou, 1e-7);
  EXPECT_NEAR(Of("DIoULoss", pred, truth), 1 - iou + centre, 1e-7);
  EXPECT_NEAR(Of("CIoULoss", pred, truth), 1 - iou + centre + alpha * v, 1e-7);
  const double sides = 5.0 * 5 / (25 * 25) + 10.0 * 10 / (40 * 40);
  EXPECT_NEAR(Of("EfficientIoULoss", pred, truth), 1 - iou + centre + sides, 1e-7);
  EXPECT_NEAR(Of("EfficientIoULoss", pred, truth, {{"gamma", 0.5}}),
              std::sqrt(iou) * (1 - iou + centre + sides), 1e-7);
  EXPECT_NEAR(Of("AlphaIoULoss", pred, truth),
              1 - std::pow(iou, 3) + std::pow(centre, 3) + std::pow(alpha * v, 3), 1e-7);
  EXPECT_NEAR(Of("AlphaIoULoss", pred, truth, {{"mode", "diou"}, {"alpha", 2.0}}),
              1 - iou * iou + centre * centre, 1e-7);
  const double wasserstein = std::sqrt(2.5 * 2.5 + 5 * 5 + 2.5 * 2.5 + 5 * 5);
  EXPECT_NEAR(Of("NWDLoss", pred, truth, {{"constant", 10.0}}), 1 - std::exp(-wasserstein / 10), 1e-7);
  EXPECT_NEAR(Of("MPDIoULoss", pred, truth), 1 - iou + (5.0 * 5 + 10 * 10) / (2 * 100 * 100), 1e-7);
  EXPECT_NEAR(Of("SmoothL1Loss", pred, truth, {{"beta", 8.0}}), 5.0 * 5 / 16 + 10 - 4, 1e-12);
  EXPECT_NEAR(Of("L1Loss", pred, truth), 15, 1e-12);
}

// What mmdetection 3's eiou_loss and siou_loss give for these boxes in float64 with eps 1e-6.
TEST(BoxLosses, EqualMmdetection) {
  ExpectEach(Each("EIoULoss"),
             {0.2309587226618393, 0.5629032268470343, 1.80746606310592, 0.32500000173611115}, 1e-12);
  ExpectEach(Each("SIoULoss"),
             {0.2731594328379139, 0.6287780474040432, 0.2703687370961013, 0.37118972536276273}, 1e-8);
  ExpectEach(Each("SIoULoss", {{"neg_gamma", true}}),
             {0.2886737351827783, 0.6297232290192607, 1.4664574203489504, 0.38243994016754357}, 1e-8);
}

// A box twice as far from the truth must cost more; mmdetection's default SIoU is known not to.
TEST(BoxLosses, DistanceCosts) {
  const at::Tensor truth = Rows({40, 40, 60, 60}, 4);
  for (const auto& [type, changes] : EveryLoss(LossRole::kBbox)) {
    if (type == "SIoULoss" || type == "IoULoss" || type == "AlphaIoULoss")
      continue;  // Flat where boxes part.
    EXPECT_LT(Of(type, Rows({45, 45, 65, 65}, 4), truth, changes),
              Of(type, Rows({50, 50, 70, 70}, 4), truth, changes))
        << type;
  }
  const Changes paper = {{"neg_gamma", true}};
  EXPECT_LT(Of("SIoULoss", Rows({45, 45, 65, 65}, 4), truth, paper),
            Of("SIoULoss", Rows({50, 50, 70, 70}, 4), truth, paper));
}

TEST(BoxLosses, DegenerateBoxesStayFinite) {
  const at::Tensor pred = Rows({5, 5, 5, 5, 0, 0, 10, 10, 0, 0, 10, 10, 1e6, 1e6, 2e6, 2e6, 5, 5, 5, 9}, 4);
  const at::Tensor truth = Rows({5, 5, 5, 5, 0, 0, 10, 10, 20, 20, 20, 20, 0, 0, 1, 1, 5, 5, 5, 9}, 4);
  auto losses = EveryLoss(LossRole::kBbox);
  for (const char* mode : {"linear", "square"}) losses.push_back({"IoULoss", {{"mode", mode}}});
  for (const char* mode : {"iou", "giou", "diou", "ciou"}) {
    for (const double alpha : {0.5, 1.0, 3.0})
      losses.push_back({"AlphaIoULoss", {{"mode", mode}, {"alpha", alpha}}});
  }
  losses.push_back({"EfficientIoULoss", {{"gamma", 0.5}}});
  losses.push_back({"SIoULoss", {{"neg_gamma", true}}});
  for (const auto& [type, changes] : losses) {
    SCOPED_TRACE(type + nlohmann::json(changes).dump());
    ExpectFinite(MakeLoss(LossRole::kBbox, type, changes), pred, truth);
  }
}

}  // namespace
}  // namespace yoake::trainer
