#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "metrics/accumulate.h"
#include "metrics/eval_result.h"

namespace yoake::metrics {

// The mean of the defined (not -1) values of a slice of an eval array; nullopt when there is none.
struct Mean {
  double sum = 0;
  std::size_t count = 0;

  void Add(const Mean& other) {
    sum += other.sum;
    count += other.count;
  }
  std::optional<double> value() const {
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
  }
};

// In the order of MetricNames().
using ColumnMeans = std::array<Mean, 12>;

// pycocotools' summarize of one category; those of several, added up, give the whole set's. Precision is
// taken at the largest number of detections, AR_n at exactly n: a threshold or limit that is not in the lists
// leaves its column undefined.
ColumnMeans Summarize(const CategoryCurves& curves, const MatchGrid& grid, std::size_t recalls,
                      const std::vector<int>& max_detections);

void SetColumns(const ColumnMeans& means, CategoryRow* row);
void SetColumns(const ColumnMeans& means, CocoStats* stats);

}  // namespace yoake::metrics
