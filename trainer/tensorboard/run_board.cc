#include "trainer/tensorboard/run_board.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <string_view>

#include "core/json_patch.h"
#include "datasets/image_io.h"
#include "trainer/augment/sample.h"
#include "trainer/optim/optimizer.h"
#include "trainer/predict/draw.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

constexpr std::int64_t kStepsAPoint = 50;
constexpr double kLeastScore = 0.3;
constexpr double kLeastSide = 640;  // Pixels: on smaller pictures the texts would hide the objects.

// What may differ between runs that are compared and says nothing about them.
bool IsHParam(std::string_view path) {
  static constexpr std::array<std::string_view, 6> kOthers = {"data.",   "tests",    "device",
                                                              "threads", "cache_gb", "tensorboard."};
  return std::none_of(kOthers.begin(), kOthers.end(),
                      [&](std::string_view other) { return path.starts_with(other); });
}

json HParams(const TrainConfig& config, const RunData& data) {
  json values = json::object();
  for (const auto& [path, value] : Flatten(ToJson(config))) {
    if (IsHParam(path)) values[path] = value;
  }
  values["data.train"] = data.name;
  return values;
}

// A block of code in Markdown.
std::string Indented(const std::string& text) {
  std::string indented = "    ";
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented += "    ";
  }
  return indented;
}

std::vector<datasets::Image> EvenlySpaced(const std::vector<datasets::Image>& images, int count) {
  const std::size_t size = std::min(images.size(), static_cast<std::size_t>(count));
  std::vector<datasets::Image> chosen;
  for (std::size_t i = 0; i < size; ++i) chosen.push_back(images[i * images.size() / size]);
  return chosen;
}

// "mAP" -> "metrics/mAP", "person.mAP_50" -> "person/mAP_50"; empty for what stands elsewhere.
std::string TagOf(const std::string& metric) {
  if (const auto dot = metric.rfind('.'); dot != std::string::npos) {
    return metric.substr(0, dot) + "/" + metric.substr(dot + 1);
  }
  for (const char* other : {"loss", "lr", "share_", "img_per_s", "peak_"}) {
    if (metric.starts_with(other)) return "";
  }
  return "metrics/" + metric;
}

void AddIf(const char* tag, const std::optional<double>& value, Summary* summary) {
  if (value) summary->Scalar(tag, *value);
}

}  // namespace

RunBoard::RunBoard(const TrainConfig& config, const RunData& data, const RunFolder& folder,
                   std::int64_t steps_per_epoch, const Progress& progress)
    : data_(data),
      steps_(steps_per_epoch),
      layer_decay_(config.optimizer.layer_decay),
      pictures_(EvenlySpaced(data.val.truth.images, config.tensorboard.images)),
      file_(folder.root, StepNumber(progress) + 1),
      shown_(OfThisEpoch(progress)) {
  Summary summary;
  summary.Text("configuration", Indented(ToJson(config).dump(1)));
  summary.HParams(HParams(config, data), WallSeconds() - progress.seconds);
  file_.Add(StepNumber(progress), summary);
}

Progress RunBoard::OfThisEpoch(const Progress& progress) const {
  return progress.step == steps_ ? Progress{} : progress;
}

void RunBoard::AddRates(double lr, Summary* summary) const {
  if (layer_decay_ == 1) {
    summary->Scalar("lr", lr);
    return;
  }
  for (int depth = 0; depth <= Optimizer::kHeadDepth; ++depth) {
    summary->Scalar(fmt::format("lr/depth{}", depth), lr * Optimizer::RateFactor(layer_decay_, depth));
  }
}

void RunBoard::Step(const Progress& progress, double lr) {
  // The epoch in equal parts: its end is always one.
  const std::int64_t parts = std::max<std::int64_t>(1, steps_ / kStepsAPoint);
  if (progress.step * parts / steps_ == (progress.step - 1) * parts / steps_) return;
  const auto steps = static_cast<double>(progress.step - shown_.step);
  Summary summary;
  summary.Scalar("train/box_loss", (progress.bbox - shown_.bbox) / steps);
  summary.Scalar("train/obj_loss", (progress.obj - shown_.obj) / steps);
  summary.Scalar("train/cls_loss", (progress.cls - shown_.cls) / steps);
  summary.Scalar("train/l1_loss", (progress.l1 - shown_.l1) / steps);
  AddRates(lr, &summary);
  file_.Add(StepNumber(progress), summary);
  shown_ = OfThisEpoch(progress);
}

void RunBoard::Epoch(const EpochRow& row, const Metrics& metrics) {
  Summary summary;
  summary.Scalar("epoch", row.epoch);
  for (const auto& [name, value] : metrics) {
    const std::string tag = TagOf(name);
    if (value && !tag.empty()) summary.Scalar(tag, *value);
  }
  AddIf("balance/box", row.box_share, &summary);
  AddIf("balance/obj", row.obj_share, &summary);
  AddIf("balance/cls", row.cls_share, &summary);
  AddIf("balance/l1", row.l1_share, &summary);
  AddIf("speed/images_per_s", row.images_per_s, &summary);
  AddIf("memory/peak_rss_mb", row.peak_rss_mb, &summary);
  AddIf("memory/peak_gpu_mb", row.peak_gpu_mb, &summary);
  file_.Add(row.epoch * steps_, summary);
}

void RunBoard::Pictures(const Progress& progress, const std::vector<metrics::Detection>& detections,
                        ImageCache* cache) {
  if (pictures_.empty()) return;
  auto boxes = BoxesToDraw(data_.val.truth, detections, kLeastScore);
  Summary summary;
  for (const datasets::Image& image : pictures_) {
    const ScaledImage scaled = cache->Get(image);
    const double enlarged = std::max(1.0, kLeastSide / std::max(scaled.pixels.cols, scaled.pixels.rows));
    cv::Mat picture;
    cv::resize(scaled.pixels, picture, {}, enlarged, enlarged, cv::INTER_LINEAR);
    const double scale = scaled.scale * enlarged;
    for (DrawnBox& drawn : boxes[image.id]) {
      drawn.box = Scaled(drawn.box, scale);
    }
    DrawBoxes(boxes[image.id], &picture);
    summary.Image("val/" + image.file_name, picture.cols, picture.rows,
                  datasets::EncodeImage(picture, ".jpg"));
  }
  file_.Add(StepNumber(progress), summary);
}

void RunBoard::End(int epochs, bool success) {
  Summary summary;
  summary.HParamsEnd(success, WallSeconds());
  file_.Add(epochs * steps_, summary);
}

}  // namespace yoake::trainer
