#pragma once

#include <optional>
#include <vector>

#include "metrics/coco/eval_result.h"
#include "metrics/matching/evaluation_set.h"

namespace yoake::metrics {

// PASCAL VOC's average precision of one category at one IoU; undefined without truth that counts.
struct VocAp {
  std::optional<double> eleven_point;  // VOC 2007: mean of the best precision at recalls 0, .1, ... 1.
  std::optional<double> all_point;     // VOC 2010 on: area under the monotone precision.
};

// Matching as VOCdevkit's VOCevaldet.m has it, which differs from COCO's: down the list of scores (ties in
// file order) each detection looks at the truth it overlaps most, whether or not that is taken already, the
// first among equals. Reaching `iou` it is a hit the first time and a false positive every further time; a
// COCO match would have taken the next best free box. Difficult objects, here crowds and those with a true
// `ignore` key, are neither found nor missed. All detections of an image take part.
//
// VOCdevkit counts corners as pixels (width = xmax - xmin + 1); boxes here are sizes already, so that a VOC
// file read with that +1 gives its overlaps. Recalls of the eleven points are i / 10, not numpy's
// arange(0, 1.1, .1), some of which lie a bit above.
std::vector<VocAp> EvaluateVoc(const EvaluationSet& set, double iou, int threads = 1);

// Adds the columns "VOC07" and "VOC12" (means over the categories with truth) at `iou`.
void AddVocColumns(const EvaluationSet& set, double iou, int threads, EvalResult* result);

}  // namespace yoake::metrics
