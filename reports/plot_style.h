#pragma once

#include <vector>

#include "core/drawing/plot_style.h"
#include "reports/combinations.h"

namespace yoake::reports {

// One style a combination, the same in every picture of a report: the six that have the best trials are
// coloured, the rest is grey.
std::vector<SeriesStyle> StylesOf(const StudyResults& results, const std::vector<Combination>& combinations);

}  // namespace yoake::reports
