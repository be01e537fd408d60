#pragma once

#include <optional>
#include <vector>

#include "metrics/analyses/outcomes.h"

namespace yoake::metrics {

struct Counts {
  int true_positives = 0;
  int false_positives = 0;
  int false_negatives = 0;

  std::optional<double> Precision() const;  // Undefined without detections.
  std::optional<double> Recall() const;     // Undefined without truth.
  // (1 + b^2) P R / (b^2 P + R) (van Rijsbergen): b > 1 favours recall. Written in counts, so that it is 0,
  // not undefined, where nothing is found. Undefined with neither truth nor detections.
  std::optional<double> F(double beta = 1) const;

  // One detection more: a false positive, or a true one and a false negative less.
  void Add(const Outcome& outcome) {
    true_positives += outcome.true_positive;
    false_positives += !outcome.true_positive;
    false_negatives -= outcome.true_positive;
  }
};

// A detector that keeps the detections with score >= threshold.
struct OperatingPoint {
  double threshold = 0;
  Counts counts;
};

// One point for each distinct score, falling: every operating point that exists. Nothing is interpolated: the
// envelope behind AP promises a precision that no threshold gives, and an F1 read off it is too high.
std::vector<OperatingPoint> OperatingPoints(const CategoryOutcomes& outcomes);

Counts CountsAt(const CategoryOutcomes& outcomes, double threshold);

// The point of the largest F; among equals the one with the highest threshold. Absent where no threshold
// finds anything.
std::optional<OperatingPoint> BestPoint(const std::vector<OperatingPoint>& points, double beta = 1);

}  // namespace yoake::metrics
