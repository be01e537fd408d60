#pragma once

#include <vector>

#include "datasets/dataset.h"
#include "metrics/coco/coco_params.h"
#include "metrics/coco/eval_result.h"
#include "metrics/detections.h"
#include "metrics/matching/evaluation_set.h"

namespace yoake::metrics {

// Scores detections against truth exactly as pycocotools' COCOeval (cocoapi@8c9bcc3) does for bbox and, with
// masks in the set's options, for segm, quirks included (specs in the .cc beside each), and warns where its
// answer misleads.
//
// Categories are matched on params.threads threads at once, large ones in ranges of images. Memory beside the
// input: some 12 bytes a detection and truth box, 32 bytes a detection of the categories at work, and the
// arrays if kept.
EvalResult EvaluateCoco(const EvaluationSet& set, const CocoParams& params = {});

// The same of a set with nothing chosen. Errors as EvaluationSet's.
EvalResult EvaluateCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                        const CocoParams& params = {});

}  // namespace yoake::metrics
