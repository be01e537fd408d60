// Exported models are run by OpenCV's DNN and, when it is there, by ONNX Runtime: two readers that are not
// ours.

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <opencv2/dnn/dnn.hpp>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "metrics/detections.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shared_folder.h"
#include "tests/trainer/trained_like.h"
#include "trainer/models/decode.h"
#include "trainer/onnx/export.h"
#include "trainer/onnx/onnx_network.h"
#include "trainer/predict/predictor.h"

namespace yoake::trainer {
namespace {

using testing::HasSubstr;

constexpr int kSide = 96;

struct Shape {
  const char* name;
  ModelConfig model;
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

ModelConfig Sized(const std::string& size) {
  ModelConfig model;
  model.size = size;
  return model;
}

ModelConfig Scaled(double depth, double width, bool depthwise) {
  ModelConfig model;
  model.depth = depth;
  model.width = width;
  model.depthwise = depthwise;
  return model;
}

const Shape kShapes[] = {{"nano", Sized("nano")},
                         {"s", Sized("s")},
                         {"deep", Scaled(.67, .125, false)},
                         {"shallow_depthwise", Scaled(.2, .25, true)}};
const ModelConfig kSmall = Scaled(.33, .125, true);

at::Tensor Images(std::int64_t count) { return at::rand({count, 3, kSide, kSide}) * 255; }

double Gap(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}

class OnnxTest : public testing::TestWithParam<Shape> {
 protected:
  at::Tensor Reference(const at::Tensor& images) {
    const at::NoGradGuard no_grad;
    return Decode(trained_.model->forward(images));
  }
  OnnxNetwork Network(const OnnxOptions& options) { return {WriteOnnx(trained_, options), "model.onnx"}; }

  TrainedModel trained_ = TrainedLike(GetParam().model, kSide);
};

INSTANTIATE_TEST_SUITE_P(Shapes, OnnxTest, testing::ValuesIn(kShapes),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_P(OnnxTest, RawLevelsAreLibTorchs) {
  const std::string file = WriteOnnx(trained_, {.input_size = kSide, .batch = 2});
  cv::dnn::Net net = cv::dnn::readNetFromONNX(file.data(), file.size());
  const at::Tensor images = Images(2);
  net.setInput(cv::Mat({2, 3, kSide, kSide}, CV_32F, images.data_ptr()));
  std::vector<cv::String> layers;
  for (const cv::String& layer : net.getLayerNames()) {
    if (layer == "head.0" || layer == "head.1" || layer == "head.2" || layer == "onnx_node!head.0" ||
        layer == "onnx_node!head.1" || layer == "onnx_node!head.2") {
      layers.push_back(layer);
    }
  }
  ASSERT_EQ(layers.size(), 3U);
  std::vector<cv::Mat> levels;
  net.forward(levels, layers);
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> raw = trained_.model->forward(images);
  for (std::size_t k = 0; k < raw.size(); ++k) {
    const at::Tensor spread = raw[k] - raw[k].mean({0, 2, 3}, true);
    EXPECT_GT(spread.abs().max().item<double>(), .01) << "a constant answer proves nothing";
    EXPECT_LT(Gap(at::from_blob(levels[k].data, raw[k].sizes(), at::kFloat), raw[k].contiguous()), 1e-4);
  }
}

TEST_P(OnnxTest, DecodedBoxesAreLibTorchs) {
  const at::Tensor images = Images(3);
  const at::Tensor reference = Reference(images);
  for (const bool decode : {true, false}) {
    for (const int batch : {1, 2, 3}) {
      OnnxNetwork network = Network({.input_size = kSide, .batch = batch, .decode = decode});
      EXPECT_LT(Gap(network.Run(images), reference), 1e-4) << "decode " << decode << ", batch " << batch;
    }
  }
}

TEST_P(OnnxTest, AnOpenBatchTakesAnyNumberOfImages) {
  OnnxNetwork network = Network({.input_size = kSide, .batch = std::nullopt});
  EXPECT_FALSE(network.batch());
  for (const std::int64_t count : {1, 3, 1}) {
    const at::Tensor images = Images(count);
    EXPECT_LT(Gap(network.Run(images), Reference(images)), 1e-4) << count;
  }
}

// The layout of Megvii's files without --decode_in_inference, which programs in the field decode themselves.
TEST_P(OnnxTest, UndecodedOutputIsMegviis) {
  const std::string file = WriteOnnx(trained_, {.input_size = kSide, .batch = 1, .decode = false});
  cv::dnn::Net net = cv::dnn::readNetFromONNX(file.data(), file.size());
  const at::Tensor images = Images(1);
  net.setInput(cv::Mat({1, 3, kSide, kSide}, CV_32F, images.data_ptr()));
  const cv::Mat output = net.forward();
  const at::NoGradGuard no_grad;
  const at::Tensor rows = FlattenLevels(trained_.model->forward(images));
  const at::Tensor expected = at::cat({rows.slice(2, 0, 4), rows.slice(2, 4).sigmoid()}, 2);
  EXPECT_LT(Gap(at::from_blob(output.data, expected.sizes(), at::kFloat), expected), 1e-4);
}

// ONNX Runtime: npm install onnxruntime-node somewhere, YOAKE_ONNXRUNTIME=that folder.
TEST_P(OnnxTest, OnnxRuntimeAgrees) {
  const char* modules = std::getenv("YOAKE_ONNXRUNTIME");
  if (modules == nullptr) GTEST_SKIP() << "YOAKE_ONNXRUNTIME names no folder with onnxruntime-node";
  const ScratchFolder scratch;
  const at::Tensor images = Images(3);
  for (const bool decode : {true, false}) {
    for (const auto batch : {std::optional(3), std::optional<int>()}) {
      WriteFileAtomically(scratch.path() / "model.onnx",
                          WriteOnnx(trained_, {.input_size = kSide, .batch = batch, .decode = decode}));
      WriteFileAtomically(scratch.path() / "images",
                          std::string_view(static_cast<const char*>(images.data_ptr()), images.nbytes()));
      const std::string command = std::string("node '") + YOAKE_SOURCE_DIR +
                                  "/tests/trainer/run_onnxruntime.cjs' '" + modules + "' '" +
                                  scratch.path().string() + "' 3 " + std::to_string(kSide);
      ASSERT_EQ(std::system(command.c_str()), 0) << command;
      std::string bytes = ReadFile(scratch.path() / "output");
      at::Tensor expected = Reference(images);
      at::Tensor rows = at::from_blob(bytes.data(), expected.sizes(), at::kFloat).clone();
      if (!decode) {
        rows = at::cat({DecodeBoxes(rows.slice(2, 0, 4), AnchorPoints(kSide)), rows.slice(2, 4)}, 2);
      }
      EXPECT_LT(Gap(rows, expected), 1e-4) << "decode " << decode;
    }
  }
}

bool Same(const metrics::Detection& a, const metrics::Detection& b) {
  const double box = std::max({std::abs(a.box.x - b.box.x), std::abs(a.box.y - b.box.y),
                               std::abs(a.box.w - b.box.w), std::abs(a.box.h - b.box.h)});
  return a.image_id == b.image_id && a.category_id == b.category_id && std::abs(a.score - b.score) < 1e-5 &&
         box < 1e-3;
}

std::vector<metrics::Detection> Detections(PredictOptions options, const std::filesystem::path& model) {
  options.checkpoint = model;
  Predict(options);
  return metrics::ReadDetections(options.out);
}

TEST(OnnxFileTest, PredictsOnRealPicturesAsItsCheckpoint) {
  const std::filesystem::path bccd = SharedFolder() / "data" / "bccd" / "images";
  if (!std::filesystem::is_directory(bccd)) GTEST_SKIP() << "no " << bccd;
  const ScratchFolder scratch;
  std::vector<std::filesystem::path> pictures;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bccd)) {
    if (entry.is_regular_file()) pictures.push_back(entry.path());
  }
  ASSERT_GE(pictures.size(), 5U);
  std::sort(pictures.begin(), pictures.end());
  std::filesystem::create_directories(scratch.path() / "images");
  for (std::size_t i = 0; i < 5; ++i) {
    std::filesystem::copy(pictures[i], scratch.path() / "images" / pictures[i].filename());
  }
  const TrainedModel trained = TrainedLike(Sized("nano"), 320);
  const std::filesystem::path checkpoint = scratch.path() / "best.pt";
  SaveTrained(checkpoint, trained);
  PredictOptions options;
  options.images = scratch.path() / "images";
  options.out = scratch.path() / "dt.json";
  options.score_threshold = 0;
  const auto expected = Detections(options, checkpoint);
  ASSERT_FALSE(expected.empty());
  for (const auto batch : {std::optional(2), std::optional<int>()}) {
    const ExportSummary summary = ExportOnnx(
        {.checkpoint = checkpoint, .out = scratch.path() / "model.onnx", .input_size = {}, .batch = batch});
    EXPECT_EQ(summary.bytes, std::filesystem::file_size(scratch.path() / "model.onnx"));
    ASSERT_TRUE(summary.difference) << summary.not_run;
    EXPECT_LT(*summary.difference, 1e-4);
    const auto found = Detections(options, scratch.path() / "model.onnx");
    ASSERT_EQ(found.size(), expected.size());
    // Rounding may change places, and which of two boxes of random weights suppresses the other.
    const auto missing = std::count_if(expected.begin(), expected.end(), [&](const auto& one) {
      return std::none_of(found.begin(), found.end(), [&](const auto& other) { return Same(one, other); });
    });
    EXPECT_LE(missing, static_cast<std::int64_t>(expected.size() / 100));
  }
}

TEST(OnnxFileTest, KnowsItsCategoriesAndItsInput) {
  TrainedModel trained = TrainedLike(kSmall, 64, {"Zelle \"A\"", "\u7d30\u80de"});
  trained.card.config.evaluation.nms_iou = .5;
  OnnxNetwork network(WriteOnnx(trained, {.input_size = 96, .batch = 4}), "model.onnx");
  EXPECT_EQ(network.card().Names(), trained.card.Names());
  EXPECT_EQ(network.card().categories[1].id, datasets::CategoryId(4));
  EXPECT_EQ(network.card().config.input_size, 96);
  EXPECT_EQ(network.card().config.evaluation.nms_iou, .5);
  EXPECT_EQ(network.batch(), 4);
}

TEST(OnnxFileTest, SaysWhatIsWrongWithAFile) {
  const TrainedModel trained = TrainedLike(kSmall, 64);
  const std::string good = WriteOnnx(trained, {.input_size = 64});
  const auto message = [](const std::string& file) {
    return MessageOf([&] { OnnxNetwork(file, "some.onnx"); });
  };
  EXPECT_THAT(message("<html>"), HasSubstr("some.onnx"));
  EXPECT_THAT(message(""), HasSubstr("yoake export"));
  EXPECT_THAT(message(good.substr(0, good.size() / 2)), HasSubstr("not a Protocol Buffers message"));
  EXPECT_THAT(message(OnnxGraph().Model({})), HasSubstr("yoake export"));
  OnnxModelInfo info;
  info.metadata["yoake"] = R"({"config": {}, "categories": 3})";
  EXPECT_THAT(message(OnnxGraph().Model(info)), HasSubstr("$.categories"));
}

TEST(OnnxFileTest, RefusesWhatCannotBeExported) {
  const ScratchFolder scratch;
  const TrainedModel trained = TrainedLike(kSmall, 64);
  SaveTrained(scratch.path() / "best.pt", trained);
  ExportOptions options;
  options.checkpoint = scratch.path() / "best.pt";
  options.out = scratch.path() / "m.onnx";
  options.input_size = 100;
  EXPECT_THAT(MessageOf([&] { ExportOnnx(options); }), HasSubstr("--input-size: must be a multiple of 32"));
  options.input_size = {};
  options.batch = -1;
  EXPECT_THAT(MessageOf([&] { ExportOnnx(options); }), HasSubstr("--batch"));
  EXPECT_FALSE(std::filesystem::exists(options.out));
  StateDict state = StateOf(*trained.model);
  std::erase_if(state, [](const auto& item) { return item.first == "head.stems.1.bn.running_var"; });
  EXPECT_THAT(MessageOf([&] { YoloxGraph(state, {.input_size = 64}); }),
              HasSubstr("head.stems.1.bn.running_var"));
}

}  // namespace
}  // namespace yoake::trainer
