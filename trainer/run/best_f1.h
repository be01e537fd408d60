#pragma once

#include <optional>

#include "metrics/coco/eval_result.h"

namespace yoake::trainer {

// Precision and recall at IoU .5 at the score threshold that is best for the mean F1 of the categories, as
// ultralytics prints them. Read off the evaluation's curves (101 recall steps, precision made monotone).
struct OperatingPoint {
  double precision = 0;
  double recall = 0;
  double score_threshold = 0;
};

// nullopt when no category has truth or the arrays were not kept. The first IoU threshold must be .5.
std::optional<OperatingPoint> BestF1(const metrics::CocoArrays& arrays);

}  // namespace yoake::trainer
