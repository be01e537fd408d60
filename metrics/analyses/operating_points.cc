#include "metrics/analyses/operating_points.h"

#include <cstddef>

namespace yoake::metrics {
namespace {

std::optional<double> Ratio(double part, double whole) {
  return whole > 0 ? std::optional(part / whole) : std::nullopt;
}

}  // namespace

std::optional<double> Counts::Precision() const {
  return Ratio(true_positives, true_positives + false_positives);
}

std::optional<double> Counts::Recall() const {
  return Ratio(true_positives, true_positives + false_negatives);
}

std::optional<double> Counts::F(double beta) const {
  const double weight = beta * beta;
  const double found = (1 + weight) * true_positives;
  return Ratio(found, found + weight * false_negatives + false_positives);
}

std::vector<OperatingPoint> OperatingPoints(const CategoryOutcomes& outcomes) {
  std::vector<OperatingPoint> points;
  Counts counts = {0, 0, outcomes.truth_boxes};
  for (std::size_t i = 0; i < outcomes.detections.size(); ++i) {
    counts.Add(outcomes.detections[i]);
    const double score = outcomes.detections[i].score;
    const bool last = i + 1 == outcomes.detections.size() || outcomes.detections[i + 1].score != score;
    if (last) points.push_back({score, counts});
  }
  return points;
}

Counts CountsAt(const CategoryOutcomes& outcomes, double threshold) {
  Counts counts = {0, 0, outcomes.truth_boxes};
  for (const Outcome& outcome : outcomes.detections) {
    if (outcome.score < threshold) break;
    counts.Add(outcome);
  }
  return counts;
}

std::optional<OperatingPoint> BestPoint(const std::vector<OperatingPoint>& points, double beta) {
  std::optional<OperatingPoint> best;
  double best_f = 0;
  for (const OperatingPoint& point : points) {
    const double f = point.counts.F(beta).value_or(0);
    if (f <= best_f) continue;
    best_f = f;
    best = point;
  }
  return best;
}

}  // namespace yoake::metrics
