#include "trainer/predict/predict_video.h"

#include <fmt/format.h>

#include <memory>

#include "core/clock.h"
#include "core/error.h"
#include "core/terminal_line.h"
#include "core/time_left.h"
#include "datasets/variants.h"
#include "trainer/predict/draw.h"
#include "trainer/predict/video.h"

namespace yoake::trainer {
namespace {

namespace fs = std::filesystem;

class VideoPrediction {
 public:
  VideoPrediction(const PredictOptions& options, const OpenedDetector& detector,
                  const DetectOptions& detection)
      : options_(options), detector_(detector), detection_(detection), reader_(options.images) {
    frames_.name = options.images.filename().string();
    frames_.categories = detector.card.categories;
  }

  PredictSummary Run() {
    while (Batch()) ShowProgress();
    if (frames_.images.empty()) {
      throw Error(ErrorKind::kData, "no frame of this video can be decoded", options_.images.string());
    }
    metrics::WriteDetections(options_.out, detections_);
    datasets::WriteCoco(frames_, fs::path(options_.out).replace_extension(".images.json"));
    PredictSummary summary;
    summary.images = frames_.images.size();
    summary.detections = detections_.size();
    summary.seconds = Seconds();
    if (summary.images + 1 < static_cast<std::size_t>(reader_.frames())) {
      summary.warnings.push_back(fmt::format("{}: it should have {} frames, {} could be decoded",
                                             options_.images.string(), reader_.frames(), summary.images));
    }
    return summary;
  }

 private:
  double Seconds() const { return SteadySeconds() - begin_s_; }

  // False at the end.
  bool Batch() {
    std::vector<cv::Mat> frames;
    std::vector<ScaledImage> scaled;
    while (static_cast<int>(frames.size()) < detection_.batch) {
      auto frame = reader_.Next();
      if (!frame) break;
      scaled.push_back(Scaled(*frame, detection_.input_size));
      frames.push_back(std::move(*frame));
    }
    if (frames.empty()) return false;
    const auto detected = Detect(detector_.network, scaled, detection_);
    for (std::size_t i = 0; i < frames.size(); ++i) Take(detected[i], &frames[i]);
    return true;
  }

  void Take(const std::vector<Detected>& detected, cv::Mat* frame) {
    datasets::Image image;
    const auto number = static_cast<std::int64_t>(frames_.images.size()) + 1;
    image.id = datasets::ImageId(number);
    image.file_name = fmt::format("{}_{:06}.jpg", options_.images.stem().string(), number);
    image.width = frame->cols;
    image.height = frame->rows;
    frames_.images.push_back(image);
    const std::size_t first = detections_.size();
    for (const Detected& found : detected) {
      const datasets::Category& category = frames_.categories[static_cast<std::size_t>(found.label)];
      detections_.push_back({image.id, category.id, found.box, found.score});
    }
    if (options_.draw && (options_.draw_limit == 0 || number <= options_.draw_limit)) {
      Draw({detections_.begin() + static_cast<std::ptrdiff_t>(first), detections_.end()}, frame);
    }
  }

  void Draw(const std::vector<metrics::Detection>& detections, cv::Mat* frame) {
    if (!drawn_) {
      const fs::path file = *options_.draw / options_.images.filename().replace_extension(".mp4");
      if (fs::exists(file) && fs::equivalent(file, options_.images)) {
        throw Error(ErrorKind::kUsage, "--draw would write over the video itself; give another folder",
                    file.string());
      }
      drawn_ = std::make_unique<VideoWriter>(file, reader_.fps(), frame->size());
    }
    datasets::Dataset names;
    names.categories = frames_.categories;
    for (const auto& [image, boxes] : BoxesToDraw(names, detections, options_.draw_threshold)) {
      DrawBoxes(boxes, frame);
    }
    drawn_->Add(*frame);
  }

  void ShowProgress() {
    if (!line_.Due()) return;
    const auto done = static_cast<double>(frames_.images.size());
    const double left = reader_.frames() - done;
    std::string text =
        fmt::format("frame {:.0f} of {}, {:.1f} a second", done, reader_.frames(), done / Seconds());
    if (left > 0) text += fmt::format(", {} left", FormatTimeLeft(Seconds() / done * left));
    line_.Show(text);
  }

  const PredictOptions& options_;
  const OpenedDetector& detector_;
  const DetectOptions& detection_;
  VideoReader reader_;
  std::unique_ptr<VideoWriter> drawn_;
  datasets::Dataset frames_;
  std::vector<metrics::Detection> detections_;
  TerminalLine line_;
  const double begin_s_ = SteadySeconds();
};

}  // namespace

PredictSummary PredictVideo(const PredictOptions& options, const OpenedDetector& detector,
                            const DetectOptions& detection) {
  return VideoPrediction(options, detector, detection).Run();
}

}  // namespace yoake::trainer
