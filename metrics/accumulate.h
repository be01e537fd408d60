#pragma once

#include <vector>

#include "metrics/matching.h"

namespace yoake::metrics {

// Where precision is read: linspace(0, 1, 101), the very doubles numpy gives.
std::vector<double> CocoRecallThresholds();

// A category's part of pycocotools' eval arrays, C order, -1 where undefined (no truth that counts).
struct CategoryCurves {
  std::vector<double> precision;  // [T, R, A, M]
  std::vector<double> scores;     // [T, R, A, M] score of the detection where that recall is reached
  std::vector<double> recall;     // [T, A, M]
};

// cocoeval.py, accumulate, of one category; equal to the last bit. `max_detections` ascending, none beyond
// the grid's.
CategoryCurves Accumulate(const MatchedCategory& matched, const MatchGrid& grid,
                          const std::vector<double>& recall_thresholds,
                          const std::vector<int>& max_detections);

}  // namespace yoake::metrics
