#include "trainer/onnx/export.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/error.h"
#include "trainer/models/decode.h"
#include "trainer/onnx/onnx_network.h"
#include "trainer/version.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {
namespace {

std::string Description(const ModelCard& card, const OnnxOptions& options) {
  return fmt::format(
      "YOLOX {}. images: BGR, 0..255, scaled to fit {}x{}, in the top-left corner, the rest grey 114. "
      "output: a row an anchor, [cx, cy, w, h, objectness, {}], {}; score = objectness * class.",
      card.config.model.size, options.input_size, options.input_size, fmt::join(card.Names(), ", "),
      options.decode ? "boxes in input pixels" : "boxes not decoded");
}

nlohmann::json Meta(const ModelCard& card, const OnnxOptions& options) {
  nlohmann::json all = ToJson(card.config);
  nlohmann::json config;
  for (const char* key : {"model", "evaluation"}) config[key] = all[key];
  config["input_size"] = options.input_size;
  return {{"config", config},
          {"categories", CategoriesToJson(card.categories)},
          {"batch", options.batch ? nlohmann::json(*options.batch) : nullptr},
          {"decoded", options.decode}};
}

void Check(const OnnxOptions& options) {
  if (options.input_size < 32 || options.input_size % 32 != 0) {
    throw Error(ErrorKind::kUsage, "must be a multiple of 32 pixels", "--input-size");
  }
  if (options.batch && *options.batch < 1) {
    throw Error(ErrorKind::kUsage, "must be at least 1, or \"dynamic\"", "--batch");
  }
}

double Difference(Yolox& model, OnnxNetwork network) {
  const at::NoGradGuard no_grad;
  model->eval();
  const std::int64_t side = network.card().config.input_size;
  const at::Tensor image = at::rand({network.batch().value_or(1), 3, side, side}) * 255;
  const at::Tensor ours = Decode(model->forward(image));
  return ((network.Run(image) - ours).abs() / ours.abs().clamp_min(1)).max().item<double>();
}

}  // namespace

std::string WriteOnnx(const TrainedModel& trained, const OnnxOptions& options) {
  const OnnxGraph graph = YoloxGraph(StateOf(*trained.model), options);
  return graph.Model({.graph_name = "yolox",
                      .producer_version = Version(),
                      .description = Description(trained.card, options),
                      .metadata = {{"yoake", Meta(trained.card, options).dump()}}});
}

ExportSummary ExportOnnx(const ExportOptions& options) {
  const double begin_s = SteadySeconds();
  TrainedModel trained = LoadTrainedModel(options.checkpoint, c10::Device(c10::kCPU));
  const OnnxOptions onnx{.input_size = options.input_size.value_or(trained.card.config.input_size),
                         .batch = options.batch,
                         .decode = options.decode};
  Check(onnx);
  const std::string file = WriteOnnx(trained, onnx);
  WriteFileAtomically(options.out, file);
  ExportSummary summary;
  summary.bytes = file.size();
  summary.seconds = SteadySeconds() - begin_s;
  try {
    summary.difference = Difference(trained.model, OnnxNetwork(file, options.out.string()));
  } catch (const Error& error) {
    summary.not_run = error.what();
  }
  return summary;
}

}  // namespace yoake::trainer
