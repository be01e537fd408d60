// The network, SimOTA, the losses, their gradients and NMS against numbers from Megvii's own code. Every
// folder under $YOAKE_YOLOX_FIXTURES (default: fixtures/yolox of the shared folder) that holds weights.pth is
// a case.

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/atomic_file.h"
#include "tests/support/shared_folder.h"
#include "tests/trainer/npy.h"
#include "trainer/assign/assigner.h"
#include "trainer/losses/yolox_loss.h"
#include "trainer/models/decode.h"
#include "trainer/models/nms.h"
#include "trainer/models/yolox.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {
namespace {

namespace fs = std::filesystem;

fs::path FixtureFolder() {
  const char* given = std::getenv("YOAKE_YOLOX_FIXTURES");
  return given != nullptr ? fs::path(given) : SharedFolder() / "fixtures" / "yolox";
}

std::vector<fs::path> Cases() {
  std::vector<fs::path> cases;
  if (!fs::is_directory(FixtureFolder())) return cases;
  for (const auto& entry : fs::directory_iterator(FixtureFolder())) {
    if (fs::exists(entry.path() / "weights.pth")) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

// max |a - b| over elements.
double Gap(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return INFINITY;
  return a.numel() == 0 ? 0 : (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

double RelativeGap(double value, double reference) {
  return std::abs(value - reference) / std::max(std::abs(reference), 1e-12);
}

nlohmann::json ReadJson(const fs::path& path) { return nlohmann::json::parse(ReadFile(path)); }

// One fixture folder, with a fresh model in the asked precision.
class Fixture {
 public:
  Fixture(const fs::path& folder, at::ScalarType type)
      : folder_(folder), info_(ReadJson(folder / "info.json")) {
    ModelConfig config;
    config.depth = info_["depth"].get<double>();
    config.width = info_["width"].get<double>();
    config.depthwise = info_["depthwise"].get<bool>();
    classes_ = info_["num_classes"].get<int>();
    model_ = MakeYolox(config, classes_);
    model_->to(type);
    report_ = LoadState(*model_, LoadCheckpoint(folder / "weights.pth").model);
    images_ = Npy("input").to(type);
  }
  at::Tensor Npy(const std::string& name) const { return ReadNpy(folder_ / (name + ".npy")); }
  const nlohmann::json& info() const { return info_; }
  const fs::path& folder() const { return folder_; }
  const LoadReport& report() const { return report_; }
  const at::Tensor& images() const { return images_; }
  int classes() const { return classes_; }
  Yolox& model() { return model_; }

  // The rows of targets.npy that are no padding.
  std::vector<Targets> TargetRows() const {
    std::vector<Targets> rows;
    const at::Tensor targets = Npy("targets");
    for (std::int64_t b = 0; b < targets.size(0); ++b) {
      rows.push_back(targets[b].index({targets[b].sum(1) > 0}).contiguous());
    }
    return rows;
  }
  LossTerms Loss(bool use_l1) {
    YoloxLoss loss(LossesConfig{}, AssignerConfig{}, UnnamedCategories(classes_, 96));
    return loss(model_->forward(images_), TargetRows(), use_l1);
  }

 private:
  fs::path folder_;
  nlohmann::json info_;
  int classes_ = 0;
  Yolox model_ = nullptr;
  LoadReport report_;
  at::Tensor images_;
};

// float32 runs the fused BatchNorm + SiLU kernel, float64 torch's own two operations.
class YoloxParity : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (Cases().empty()) GTEST_SKIP() << "no folder with weights.pth under " << FixtureFolder();
  }
  template <typename Check>
  void OnEveryCase(const Check& check) {
    for (const fs::path& folder : Cases()) {
      SCOPED_TRACE(folder.filename().string());
      std::cout << "case " << folder.filename().string() << ' ' << at::toString(GetParam()) << '\n';
      Fixture fixture(folder, GetParam());
      check(fixture);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Precision, YoloxParity, testing::Values(at::kFloat, at::kDouble),
                         [](const auto& tested) { return std::string(at::toString(tested.param)); });

TEST_P(YoloxParity, KeysAndParameterCount) {
  OnEveryCase([](Fixture& fixture) {
    EXPECT_TRUE(fixture.report().complete()) << fixture.report().Text();
    std::int64_t parameters = 0;
    for (const at::Tensor& parameter : fixture.model()->parameters()) parameters += parameter.numel();
    EXPECT_EQ(parameters, fixture.info()["params"].get<std::int64_t>());
    EXPECT_EQ(StateOf(*fixture.model()).size(),
              LoadCheckpoint(fixture.folder() / "weights.pth").model.size());
  });
}

TEST_P(YoloxParity, EvaluationOutputs) {
  OnEveryCase([](Fixture& fixture) {
    const at::NoGradGuard no_grad;
    fixture.model()->eval();
    const std::vector<at::Tensor> features = fixture.model()->Features(fixture.images());
    const std::vector<at::Tensor> raw = fixture.model()->forward(fixture.images());
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_LT(Gap(features[k], fixture.Npy("eval_fpn" + std::to_string(k))), 1e-4);
      EXPECT_LT(Gap(raw[k], fixture.Npy("eval_rawhead" + std::to_string(k))), 1e-4);
    }
    EXPECT_LT(Gap(Decode(raw), fixture.Npy("eval_decoded")), 1e-4);
  });
}

// Largest difference of a detection from a row x1, y1, x2, y2, obj, class confidence, class; infinite when
// the class differs.
double DetectionGap(const Kept& kept, const float* row) {
  if (kept.label != static_cast<int>(row[6])) return INFINITY;
  return std::max({std::abs(kept.x1 - row[0]), std::abs(kept.y1 - row[1]), std::abs(kept.x2 - row[2]),
                   std::abs(kept.y2 - row[3]), std::abs(kept.score - row[4] * row[5])});
}

// The same detections, one to one. An untrained head's scores differ in their last bit, so their order is
// tested in NmsParity alone.
void ExpectSameDetections(const std::vector<Kept>& kept, const at::Tensor& expected) {
  ASSERT_EQ(static_cast<std::int64_t>(kept.size()), expected.size(0));
  std::vector<bool> taken(kept.size(), false);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_GE(kept[i == 0 ? 0 : i - 1].score, kept[i].score);
    bool found = false;
    for (std::int64_t j = 0; j < expected.size(0) && !found; ++j) {
      found = !taken[j] && DetectionGap(kept[i], expected[j].data_ptr<float>()) < 1e-4;
      if (found) taken[j] = true;
    }
    EXPECT_TRUE(found) << "detection " << i << " of score " << kept[i].score;
  }
}

TEST_P(YoloxParity, Detections) {
  OnEveryCase([](Fixture& fixture) {
    const at::NoGradGuard no_grad;
    fixture.model()->eval();
    const at::Tensor decoded = Decode(fixture.model()->forward(fixture.images()));
    const double conf = fixture.info()["conf_thre"].get<double>();
    for (std::int64_t b = 0; b < decoded.size(0); ++b) {
      ExpectSameDetections(Postprocess(decoded[b], conf, .45, 0), fixture.Npy("det" + std::to_string(b)));
      ExpectSameDetections(Postprocess(decoded[b], conf, .45, 0, true),
                           fixture.Npy("det_agnostic" + std::to_string(b)));
    }
  });
}

TEST_P(YoloxParity, SimOtaAssignments) {
  OnEveryCase([](Fixture& fixture) {
    const at::NoGradGuard no_grad;
    const auto targets = fixture.TargetRows();
    for (const std::string mode : {"nol1", "l1"}) {
      Fixture fresh(fixture.folder(), GetParam());
      fresh.model()->train();
      const std::vector<at::Tensor> raw = fresh.model()->forward(fixture.images());
      const auto points = AnchorPoints(raw);
      const at::Tensor rows = FlattenLevels(raw).to(at::kFloat).contiguous();
      const at::Tensor boxes = DecodeBoxes(rows.slice(2, 0, 4), points).contiguous();
      for (std::int64_t b = 0; b < rows.size(0); ++b) {
        const Assignment found =
            MakeAssigner(AssignerConfig{})
                ->Assign({.boxes = boxes[b].data_ptr<float>(),
                          .logits = rows[b].data_ptr<float>() + 4,
                          .logit_stride = rows.size(2),
                          .num_anchors = rows.size(1),
                          .num_classes = fixture.classes(),
                          .targets = targets[static_cast<std::size_t>(b)].data_ptr<float>(),
                          .num_targets = targets[static_cast<std::size_t>(b)].size(0)},
                         points);
        const std::string suffix = std::to_string(b);
        const at::Tensor foreground = fixture.Npy(mode + "_fg" + suffix).nonzero().flatten();
        EXPECT_TRUE(at::tensor(found.anchors).equal(foreground));
        EXPECT_TRUE(at::tensor(found.targets).equal(fixture.Npy(mode + "_matched" + suffix)));
        // Batch statistics amplify rounding: the reference's own float32 is 7e-5 from float64 here.
        EXPECT_LT(Gap(at::tensor(found.ious), fixture.Npy(mode + "_iou" + suffix)), 2e-4);
      }
    }
  });
}

TEST_P(YoloxParity, LossTerms) {
  OnEveryCase([](Fixture& fixture) {
    for (const std::string mode : {"nol1", "l1"}) {
      SCOPED_TRACE(mode);
      Fixture fresh(fixture.folder(), GetParam());
      fresh.model()->train();
      const LossTerms terms = fresh.Loss(mode == "l1");
      const nlohmann::json& expected = fixture.info()["losses"][mode];
      EXPECT_LT(RelativeGap(terms.total.item<double>(), expected["total_loss"]), 1e-4);
      EXPECT_LT(RelativeGap(terms.bbox, expected["iou_loss"]), 1e-4);
      EXPECT_LT(RelativeGap(terms.obj, expected["conf_loss"]), 1e-4);
      EXPECT_LT(RelativeGap(terms.cls, expected["cls_loss"]), 1e-4);
      if (mode == "l1") {
        EXPECT_LT(RelativeGap(terms.l1, expected["l1_loss"]), 1e-4);
      } else {
        EXPECT_EQ(terms.l1, 0);
      }
      std::int64_t boxes = 0;
      for (const Targets& rows : fixture.TargetRows()) boxes += rows.size(0);
      EXPECT_NEAR(static_cast<double>(terms.num_pos) / static_cast<double>(boxes),
                  expected["num_fg"].get<double>(), 1e-9);
    }
  });
}

TEST_P(YoloxParity, Gradients) {
  OnEveryCase([](Fixture& fixture) {
    for (const std::string mode : {"nol1", "l1"}) {
      SCOPED_TRACE(mode);
      Fixture fresh(fixture.folder(), GetParam());
      fresh.model()->train();
      fresh.Loss(mode == "l1").total.backward();
      double squares = 0;
      const nlohmann::json norms = ReadJson(fixture.folder() / ("grad_norms_" + mode + ".json"));
      std::size_t compared = 0;
      for (const auto& item : fresh.model()->named_parameters()) {
        const double norm = item.value().grad().norm().item<double>();
        squares += norm * norm;
        ASSERT_TRUE(norms.contains(item.key())) << item.key();
        EXPECT_LT(RelativeGap(norm, norms[item.key()]), 1e-3) << item.key();
        ++compared;
        const fs::path full = fixture.folder() / ("grad__" + item.key() + ".npy");
        if (mode == "nol1" && fs::exists(full)) {
          EXPECT_LE(Gap(item.value().grad(), ReadNpy(full)), 1e-3 * ReadNpy(full).abs().max().item<double>())
              << item.key();
        }
      }
      EXPECT_EQ(compared, norms.size());
      EXPECT_LT(RelativeGap(std::sqrt(squares), fixture.info()["losses"][mode]["grad_norm_total"]), 1e-3);
    }
  });
}

TEST_P(YoloxParity, RunningStatisticsAfterOneStep) {
  OnEveryCase([](Fixture& fixture) {
    const at::NoGradGuard no_grad;
    fixture.model()->train();
    fixture.model()->forward(fixture.images());
    int compared = 0;
    for (const auto& item : fixture.model()->named_buffers()) {
      const fs::path path = fixture.folder() / ("bn__" + item.key() + ".npy");
      if (!fs::exists(path)) continue;
      const at::Tensor expected = ReadNpy(path);
      EXPECT_LT(Gap(item.value(), expected) / expected.abs().max().item<double>(), 1e-5) << item.key();
      ++compared;
    }
    EXPECT_GT(compared, 0);
  });
}

// Megvii's optimizer: nesterov momentum .9, weight decay 5e-4 on convolution weights alone, constant lr 1e-5.
TEST_P(YoloxParity, ThreeSgdSteps) {
  OnEveryCase([](Fixture& fixture) {
    fixture.model()->train();
    std::map<std::string, at::Tensor> momentum;
    std::vector<double> totals;
    for (int step = 0; step < 3; ++step) {
      const LossTerms terms = fixture.Loss(false);
      totals.push_back(terms.total.item<double>());
      terms.total.backward();
      const at::NoGradGuard no_grad;
      for (auto& item : fixture.model()->named_parameters()) {
        at::Tensor gradient = item.value().grad().clone();
        if (item.value().dim() == 4) gradient.add_(item.value(), 5e-4);
        at::Tensor& buffer = momentum[item.key()];
        buffer = buffer.defined() ? buffer * .9 + gradient : gradient.clone();
        item.value().sub_(gradient + buffer * .9, 1e-5);
        item.value().mutable_grad().reset();
      }
    }
    const nlohmann::json& steps = fixture.info()["losses"]["sgd3_steps"];
    EXPECT_LT(RelativeGap(totals[0], steps[0][0]), 1e-4);
    EXPECT_LT(RelativeGap(totals[1], steps[1][0]), 5e-2);  // An assignment may flip after the first step.
    EXPECT_LT(RelativeGap(totals[2], steps[2][0]), 2e-1);
    const at::Tensor expected = fixture.Npy("sgd3_stem_weight");
    for (const auto& item : fixture.model()->named_parameters()) {
      if (item.key() != "backbone.backbone.stem.conv.conv.weight") continue;
      EXPECT_LT(Gap(item.value(), expected) / expected.abs().max().item<double>(), 5e-2);
    }
  });
}

TEST(NmsParity, ClusteredBoxesExactly) {
  const fs::path folder = FixtureFolder() / "nms_case";
  if (!fs::exists(folder / "pred.npy")) GTEST_SKIP() << "no pred.npy in " << folder;
  const at::Tensor decoded = ReadNpy(folder / "pred.npy");
  // "det_c0.01_n0.65_ag_0.npy": confidence, IoU, agnostic or per class, image.
  const std::regex pattern("det_c([0-9.]+)_n([0-9.]+)_(ag|cls)_([0-9]+)\\.npy");
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::smatch match;
    const std::string name = entry.path().filename().string();
    if (!std::regex_match(name, match, pattern)) continue;
    SCOPED_TRACE(name);
    ++files;
    const std::vector<Kept> kept = Postprocess(decoded[std::stoll(match[4])], std::stod(match[1]),
                                               std::stod(match[2]), 0, match[3] == "ag");
    const at::Tensor expected = ReadNpy(entry.path());
    ASSERT_EQ(static_cast<std::int64_t>(kept.size()), expected.size(0));
    for (std::size_t i = 0; i < kept.size(); ++i) {
      EXPECT_EQ(DetectionGap(kept[i], expected[static_cast<std::int64_t>(i)].data_ptr<float>()), 0) << i;
    }
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace yoake::trainer
