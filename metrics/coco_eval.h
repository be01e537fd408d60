#pragma once

#include <vector>

#include "datasets/dataset.h"
#include "metrics/detections.h"
#include "metrics/eval_result.h"

namespace yoake::metrics {

// COCO's parameters; the defaults are pycocotools'.
struct CocoParams {
  std::vector<double> iou_thresholds;  // Empty: linspace(.5, .95, 10). Each in (0, 1].
  // Kept per image and category, ascending. AP and AR_s/m/l are taken at the largest.
  std::vector<int> max_detections = {1, 10, 100};
  bool keep_arrays = true;  // Fill EvalResult::arrays (T*R*K*A*M doubles, twice).

  void Validate() const;
};

// Scores detections against truth exactly as pycocotools' COCOeval (cocoapi@8c9bcc3) does for bbox, quirks
// included (specs in the .cc beside each), and warns where its answer misleads. Throws Error{kData} for a
// detection of an image that the truth does not have.
EvalResult EvaluateCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                        const CocoParams& params = {});

}  // namespace yoake::metrics
