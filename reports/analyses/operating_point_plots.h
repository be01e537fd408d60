#pragma once

#include <string>
#include <vector>

#include "core/drawing/plot_style.h"
#include "metrics/analyses/analysis_input.h"
#include "metrics/analyses/operating_points.h"

namespace yoake::reports {

// The points of one category; the last curve given to a plot is that of all categories.
struct OperatingPointCurve {
  std::string name;
  std::vector<metrics::OperatingPoint> points;  // By falling threshold.
};

// Precision over recall and F over threshold through every operating point, the best one marked. The first
// kSeriesStyles curves are coloured, the last one is thick.
std::string PrecisionRecallSvg(const std::vector<OperatingPointCurve>& curves,
                               const metrics::AnalysisOptions& options);
std::string FByThresholdSvg(const std::vector<OperatingPointCurve>& curves,
                            const metrics::AnalysisOptions& options);

}  // namespace yoake::reports
