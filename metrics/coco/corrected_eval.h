#pragma once

#include "metrics/coco/coco_eval.h"

namespace yoake::metrics {

// What was meant instead of what the reference computes: every correction of corrections.h that applies to
// this set is switched on, one after the other in that order, and EvalResult::corrections says what each
// changed, from the result before it; so the changes add up from pycocotools' numbers to the result's.
// Everything else (the limit of detections, categories without truth, unknown categories) is as COCO defines
// it and stays. Costs one evaluation for each correction that applies. `options.corrections` is not read.
EvalResult EvaluateCorrected(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                             SetOptions options, const CocoParams& params);

}  // namespace yoake::metrics
