#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/box.h"
#include "core/json_elements.h"
#include "core/text_file.h"
#include "datasets/dataset.h"

namespace yoake::metrics {

// One detected box, as in a COCO results file.
struct Detection {
  datasets::ImageId image_id{};
  datasets::CategoryId category_id{};
  Box box;           // Source-image pixels.
  double score = 0;  // Any finite number; NaN is refused when read.
};

// The masks of a results file, for scoring masks instead of boxes.
struct DetectionMasks {
  std::vector<datasets::Mask> masks;  // Parallel to the detections.
  // The first detection has a non-empty "bbox": the reference then takes every detection's area from its box.
  bool boxes_given = false;
};

// Reads a COCO results file: an array of {"image_id","category_id","bbox":[x,y,w,h],"score"}; other keys are
// skipped. An empty array is a result, in file order with any number of threads. Throws Error{kData} with
// file, JSON path and value for a malformed box, a missing key or a score that is not finite, with line and
// column where the text is not JSON.
//
// With `masks` the results are of masks: each needs a run-length "segmentation", and a detection without a
// "bbox" has its mask's.
std::vector<Detection> ReadDetections(const std::filesystem::path& file, int threads = 1,
                                      DetectionMasks* masks = nullptr);
std::vector<Detection> ReadDetections(const TextFile& file, const ElementOptions& options = {},
                                      DetectionMasks* masks = nullptr);

// Full double precision; atomic.
void WriteDetections(const std::filesystem::path& file, const std::vector<Detection>& detections);

}  // namespace yoake::metrics
