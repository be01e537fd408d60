#pragma once

#include "metrics/coco/coco_eval.h"

namespace yoake::metrics {

// The rules of pycocotools' evaluateImg and accumulate in their plainest form: one image, category, area
// range and threshold after the other, no masks, no shortcuts. Slow and easy to compare with the original.
CocoArrays PlainReference(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                          const std::vector<double>& iou_thresholds, const std::vector<int>& max_detections);

}  // namespace yoake::metrics
