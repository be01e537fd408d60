#include "reports/plot_style.h"

namespace yoake::reports {

std::vector<SeriesStyle> StylesOf(const StudyResults& results, const std::vector<Combination>& combinations) {
  std::vector<SeriesStyle> styles(combinations.size());
  const auto coloured = Leading(results, combinations, kSeriesStyles);
  for (std::size_t i = 0; i < coloured.size(); ++i) styles[coloured[i]] = SeriesPalette()[i];
  return styles;
}

}  // namespace yoake::reports
