#pragma once

#include <span>

#include "core/box.h"

namespace yoake::metrics {

// Truth as the overlap measure sees it.
struct TruthShape {
  Box box;
  bool crowd = false;
};

// ious[g] = overlap of one detection with each truth of its cell (pycocotools' bbIou): intersection over
// union, for a crowd intersection over the detection's own area. A box without area overlaps nothing (0,
// never 0/0). The one place that knows what is compared; everything after it sees overlaps only.
void BoxOverlaps(const Box& detection, std::span<const TruthShape> truths, double* ious);

}  // namespace yoake::metrics
