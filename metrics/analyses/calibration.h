#pragma once

#include <optional>
#include <vector>

#include "metrics/analyses/score_bins.h"

namespace yoake::metrics {

// Does a score of .8 mean that 80 % of such detections are right? (Guo et al., "On Calibration of Modern
// Neural Networks", ICML 2017, eqs. 3-5, with a detection's being a true positive for correctness; Kueppers
// et al., "Multivariate Confidence Calibration for Object Detection", CVPRW 2020.)
struct Calibration {
  std::vector<ScoreBin> bins;  // The reliability diagram: mean score against precision.
  std::optional<double> ece;   // Mean of |precision - mean score|, weighted by detections.
  std::optional<double> mce;   // Its largest value over the bins that hold any.
};

// Both over [0, 1]; undefined without detections there. Equal widths are what papers quote; equal masses
// (adaptive bins, Nixon et al., CVPRW 2019) keep a detector's many low scores from hiding in one bin.
Calibration CalibrateEqualWidth(const CategoryOutcomes& outcomes, int bins);
Calibration CalibrateEqualMass(const CategoryOutcomes& outcomes, int bins);

// Detections whose score is no probability; calibration leaves them out.
int ScoresOutsideUnit(const CategoryOutcomes& outcomes);

}  // namespace yoake::metrics
