#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "metrics/coco/accumulate.h"
#include "metrics/coco/coco_params.h"
#include "metrics/coco/eval_result.h"

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

// A column: the slice of the eval arrays that it is the mean of.
struct SummaryColumn {
  std::string name;
  enum class Of { kPrecision, kRecall, kNothing } of = Of::kNothing;
  std::size_t area = 0;
  std::size_t threshold_begin = 0, threshold_end = 0;
  std::size_t limit = 0;  // Of recall. Precision is taken at the largest.
};

// The columns of MetricNames(), in that order, then what own parameters add: AP at each threshold that was
// asked for ("mAP_30"), AP and AR of each own area ("mAP_tiny", "AR_tiny"), AR at each own limit ("AR_300").
// A threshold, area or limit that the parameters lack leaves its column undefined. `params` in full: with no
// list left empty; `own_thresholds`: whether they were asked for.
std::vector<SummaryColumn> SummaryColumns(const CocoParams& params, bool own_thresholds);

// pycocotools' summarize of one category; those of several, added up, give the whole set's.
std::vector<Mean> Summarize(const CategoryCurves& curves, const std::vector<SummaryColumn>& columns);

// Puts the means of the whole set and [category][column] into the result; columns past MetricNames() become
// EvalResult::extra.
void SetColumns(const std::vector<SummaryColumn>& columns, const std::vector<Mean>& overall,
                const std::vector<std::vector<Mean>>& per_category, EvalResult* result);

}  // namespace yoake::metrics
