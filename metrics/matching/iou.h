#pragma once

#include <span>

#include "core/box.h"
#include "datasets/mask.h"

namespace yoake::metrics {

// One object as the overlap measure sees it: its mask where masks are compared, else its box.
struct Shape {
  Box box;  // Around the mask, where there is one.
  const datasets::Mask* mask = nullptr;

  bool HasNoArea() const { return !(box.w > 0 && box.h > 0); }
};

struct TruthShape : Shape {
  bool crowd = false;
};

// ious[g] = overlap of one detection with each truth of its cell: intersection over union, for a crowd
// intersection over the detection's own area. Boxes as pycocotools' bbIou: one without area overlaps nothing
// (0, never 0/0). Masks as rleIou: only where their boxes overlap; masks of different sizes overlap nothing
// (the reference's -1 reaches no threshold either). The one place that knows what is compared; everything
// after it sees overlaps only.
void Overlaps(const Shape& detection, std::span<const TruthShape> truths, double* ious);

}  // namespace yoake::metrics
