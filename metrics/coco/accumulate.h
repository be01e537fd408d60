#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "metrics/matching/matching.h"

namespace yoake::metrics {

// np.spacing(1): what keeps precision's denominator from 0.
inline constexpr double kSpacingOfOne = std::numeric_limits<double>::epsilon();

// Where precision is read: linspace(0, 1, 101), the very doubles numpy gives.
std::vector<double> CocoRecallThresholds();

// A category's part of pycocotools' eval arrays, C order, -1 where undefined (no truth that counts).
struct CategoryCurves {
  std::size_t thresholds = 0, recalls = 0, areas = 0, limits = 0;  // T, R, A, M.
  std::size_t curve_limits = 0;   // P: the limits that curves are of, M or 1 (the largest alone).
  std::vector<double> precision;  // [T, R, A, P]
  std::vector<double> scores;     // [T, R, A, P] score of the detection where that recall is reached
  std::vector<double> recall;     // [T, A, M]
};

// What is computed: everything, or what the twelve columns need: precision at the largest limit and recall.
enum class CurveChoice { kEverything, kForColumns };

// cocoeval.py, accumulate, of one category; equal to the last bit. `max_detections` ascending, none beyond
// the grid's.
CategoryCurves Accumulate(const MatchedCategory& matched, const MatchGrid& grid,
                          const std::vector<double>& recall_thresholds,
                          const std::vector<int>& max_detections,
                          CurveChoice choice = CurveChoice::kEverything);

}  // namespace yoake::metrics
