#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "trainer/onnx/yolox_graph.h"
#include "trainer/weights/trained_model.h"

namespace yoake::trainer {

// The bytes of an ONNX file: the graph, and in its metadata (key "yoake", JSON) what OnnxNetwork needs to
// know:
// {"config": {model, input_size, evaluation}, "categories": [{"id", "name"}], "batch": N|null, "decoded":
// bool}
std::string WriteOnnx(const TrainedModel& trained, const OnnxOptions& options);

struct ExportOptions {
  std::filesystem::path checkpoint;
  std::filesystem::path out;
  std::optional<int> input_size;  // Pixels; absent: what the model was trained with.
  std::optional<int> batch = 1;   // Absent: left open.
  bool decode = true;
};

struct ExportSummary {
  std::size_t bytes = 0;
  double seconds = 0;  // Reading the checkpoint and writing the file.
  // Of OpenCV's answers to one random picture against LibTorch's: the largest |a - b| / max(1, |b|), boxes in
  // pixels. Absent when OpenCV cannot run the file, with the reason.
  std::optional<double> difference;
  std::string not_run;
};

// Writes the file and runs it once. Throws Error{kUsage} for an option out of range, Error{kData} for a
// checkpoint that LoadTrainedModel refuses.
ExportSummary ExportOnnx(const ExportOptions& options);

}  // namespace yoake::trainer
