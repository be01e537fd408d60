#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "metrics/analyses/calibration.h"

namespace yoake::reports {

inline constexpr std::size_t kReliabilityPanels = 6;

struct ReliabilityPanel {
  std::string name;
  metrics::Calibration calibration;  // With bins of equal width over [0, 1].
};

// Reliability diagrams, at most kReliabilityPanels: a bar a bin up to its precision, the diagonal of a
// detector whose scores are honest, a mark at each bin's mean score, and below how many detections lie there.
std::string ReliabilitySvg(const std::vector<ReliabilityPanel>& panels, const std::string& where);

}  // namespace yoake::reports
