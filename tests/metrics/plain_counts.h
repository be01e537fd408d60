#pragma once

#include "metrics/analyses/operating_points.h"
#include "tests/metrics/random_scene.h"

namespace yoake::metrics {

// True and false positives and false negatives at a score threshold and IoU in their plainest form: the
// detections below the threshold are thrown away first, then every image and category is matched by COCO's
// rule, the detections of highest score first.
Counts PlainCounts(const Scene& scene, datasets::CategoryId category, double iou, double threshold);

// Overlap as pycocotools defines it.
double PlainIou(const Box& detection, const datasets::Annotation& truth);

}  // namespace yoake::metrics
