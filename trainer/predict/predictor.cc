#include "trainer/predict/predictor.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/clock.h"
#include "core/error.h"
#include "datasets/image_io.h"
#include "datasets/read.h"
#include "datasets/variants.h"
#include "trainer/blas.h"
#include "trainer/device.h"
#include "trainer/predict/draw.h"
#include "trainer/predict/media_file.h"
#include "trainer/predict/open_detector.h"
#include "trainer/predict/predict_video.h"

namespace yoake::trainer {
namespace {

namespace fs = std::filesystem;

// The images under a folder by name, numbered from 1, with the model's categories and no truth.
datasets::Dataset FolderAsDataset(const fs::path& folder, const std::vector<datasets::Category>& categories) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && IsImageFile(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw Error(ErrorKind::kData, "no images in this folder (jpg, png, bmp, tif, webp)", folder.string());
  }
  datasets::Dataset dataset;
  dataset.name = folder.filename().string();
  dataset.sources = {folder.string()};
  dataset.categories = categories;
  for (const fs::path& file : files) {
    datasets::Image image;
    image.id = datasets::ImageId(static_cast<std::int64_t>(dataset.images.size()) + 1);
    image.file_name = file.lexically_relative(folder).string();
    image.path = file;
    dataset.images.push_back(image);
  }
  return dataset;
}

datasets::Dataset OpenImages(const fs::path& path, const std::vector<datasets::Category>& categories) {
  if (fs::is_directory(path)) return FolderAsDataset(path, categories);
  if (!fs::exists(path)) {
    throw Error(ErrorKind::kUsage, "--images is neither a folder of images nor a COCO file nor a video",
                path.string());
  }
  datasets::DatasetSpec spec;
  spec.annotations = {path};
  datasets::Dataset dataset = datasets::ReadDataset(spec);
  CheckImageFiles(dataset, path.string());
  return dataset;
}

std::string PictureName(const std::string& file_name) {
  std::string name = file_name;
  std::replace(name.begin(), name.end(), '/', '_');
  const fs::path path(name);
  return path.extension() == ".png" ? name : path.stem().string() + ".jpg";
}

void DrawAll(const datasets::Dataset& dataset, const std::vector<metrics::Detection>& detections,
             const PredictOptions& options) {
  auto boxes = BoxesToDraw(dataset, detections, options.draw_threshold);
  int drawn = 0;
  for (const datasets::Image& image : dataset.images) {
    if (options.draw_limit > 0 && drawn++ == options.draw_limit) break;
    cv::Mat picture = datasets::ReadImage(image.path).clone();
    DrawBoxes(boxes[image.id], &picture);
    datasets::WriteImage(*options.draw / PictureName(image.file_name), picture);
  }
}

}  // namespace

PredictSummary Predict(const PredictOptions& options) {
  SetThreads(options.threads);
  PredictSummary summary;
  const c10::Device device = ResolveDevice(options.device, &summary.warnings);
  OpenedDetector detector = OpenDetector(options.checkpoint, device, options.threads);
  TrainConfig& config = detector.card.config;
  if (options.score_threshold) config.evaluation.score_threshold = *options.score_threshold;
  config.Validate();
  const DetectOptions detection{.input_size = config.input_size,
                                .batch = options.batch,
                                .thresholds = config.evaluation,
                                .device = device};
  if (IsVideoFile(options.images) && fs::is_regular_file(options.images)) {
    PredictSummary of_video = PredictVideo(options, detector, detection);
    of_video.warnings.insert(of_video.warnings.begin(), summary.warnings.begin(), summary.warnings.end());
    return of_video;
  }

  datasets::Dataset dataset = OpenImages(options.images, detector.card.categories);
  const CategoryMap map = MatchCategories(detector.card.Names(), dataset, options.images.string());
  summary.warnings.insert(summary.warnings.end(), map.warnings.begin(), map.warnings.end());
  ImageCache no_cache(config.input_size, 0);
  const double begin_s = SteadySeconds();
  const auto detections = *DetectAll(detector.network, dataset, map, &no_cache, detection, nullptr);
  summary.seconds = SteadySeconds() - begin_s;
  summary.images = dataset.images.size();
  summary.detections = detections.size();

  metrics::WriteDetections(options.out, detections);
  if (fs::is_directory(options.images)) {
    fs::path list = options.out;
    for (datasets::Image& image : dataset.images) {
      const cv::Mat pixels = datasets::ReadImage(image.path);
      image.width = pixels.cols;
      image.height = pixels.rows;
    }
    datasets::WriteCoco(dataset, list.replace_extension(".images.json"));
  }
  if (options.draw) DrawAll(dataset, detections, options);
  return summary;
}

}  // namespace yoake::trainer
