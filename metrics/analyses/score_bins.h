#pragma once

#include <optional>
#include <vector>

#include "metrics/analyses/outcomes.h"

namespace yoake::metrics {

// The detections with scores from `low` to `high`.
struct ScoreBin {
  double low = 0;
  double high = 0;
  int true_positives = 0;
  int false_positives = 0;
  double score_sum = 0;

  int detections() const { return true_positives + false_positives; }
  std::optional<double> Precision() const;  // Undefined in an empty bin, as the mean.
  std::optional<double> MeanScore() const;
};

// `count` bins of one width over [low, high], low < high: each holds its lower end, the last one both.
// Scores outside are in no bin.
std::vector<ScoreBin> EqualWidthBins(const CategoryOutcomes& outcomes, double low, double high, int count);

// At most `count` bins of as near the same number of detections as equal scores allow (they stay together),
// by rising score; low and high are the smallest and largest score inside. Scores outside [low, high] are in
// no bin.
std::vector<ScoreBin> EqualMassBins(const CategoryOutcomes& outcomes, double low, double high, int count);

}  // namespace yoake::metrics
