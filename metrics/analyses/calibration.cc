#include "metrics/analyses/calibration.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace yoake::metrics {
namespace {

Calibration Errors(std::vector<ScoreBin> bins) {
  Calibration calibration;
  int detections = 0;
  double sum = 0;
  double largest = 0;
  for (const ScoreBin& bin : bins) {
    if (bin.detections() == 0) continue;
    const double gap = std::abs(*bin.Precision() - *bin.MeanScore());
    detections += bin.detections();
    sum += gap * bin.detections();
    largest = std::max(largest, gap);
  }
  if (detections > 0) {
    calibration.ece = sum / detections;
    calibration.mce = largest;
  }
  calibration.bins = std::move(bins);
  return calibration;
}

}  // namespace

Calibration CalibrateEqualWidth(const CategoryOutcomes& outcomes, int bins) {
  return Errors(EqualWidthBins(outcomes, 0, 1, bins));
}

Calibration CalibrateEqualMass(const CategoryOutcomes& outcomes, int bins) {
  return Errors(EqualMassBins(outcomes, 0, 1, bins));
}

int ScoresOutsideUnit(const CategoryOutcomes& outcomes) {
  return static_cast<int>(
      std::count_if(outcomes.detections.begin(), outcomes.detections.end(),
                    [](const Outcome& outcome) { return outcome.score < 0 || outcome.score > 1; }));
}

}  // namespace yoake::metrics
