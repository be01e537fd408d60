#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace yoake::trainer {

struct PredictOptions {
  // Of yoake: it knows its model and its categories. A .onnx file of `export` is run by OpenCV, on the CPU.
  std::filesystem::path checkpoint;
  std::filesystem::path images;  // A folder of images, a COCO dataset, or a video (predict_video.h).
  // COCO results. For a folder or a video also <out stem>.images.json: ids and file names.
  std::filesystem::path out;
  std::optional<std::filesystem::path> draw;  // Folder for pictures with boxes (truth dashed white).
  std::optional<double> score_threshold;      // Detections below are dropped; absent: the checkpoint's.
  double draw_threshold = 0.3;                // Boxes below are not drawn.
  int draw_limit = 0;                         // Pictures drawn at most; 0: all.
  std::string device = "cpu";
  int threads = 1;
  int batch = 8;
};

struct PredictSummary {
  std::size_t images = 0;
  std::size_t detections = 0;
  double seconds = 0;  // Of detecting, reading images included.
  std::vector<std::string> warnings;
};

// Throws Error{kData} for a checkpoint without configuration, a folder without images or an unreadable one.
PredictSummary Predict(const PredictOptions& options);

}  // namespace yoake::trainer
