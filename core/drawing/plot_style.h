#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "core/drawing/svg.h"

namespace yoake {

// The look that all pictures share.
inline constexpr double kPlotWidth = 760;
inline constexpr char kInk[] = "#24292f";       // Titles, the line that matters.
inline constexpr char kFaintInk[] = "#57606a";  // Notes.
inline constexpr char kGrey[] = "#aab2bb";      // What stands behind.
inline constexpr std::size_t kSeriesStyles = 6;

// The look of one series: Okabe and Ito's colours that stand out on white; shapes differ between neighbours.
struct SeriesStyle {
  const char* color = kFaintInk;  // A literal.
  Marker marker = Marker::kCircle;
};

// The six coloured looks, in the order in which series take them.
const std::array<SeriesStyle, kSeriesStyles>& SeriesPalette();

// Title at the top left with a fainter line under it; returns the y below both.
double DrawTitle(Svg* svg, const std::string& title, const std::string& note);

struct LegendEntry {
  enum class Kind { kFilled, kHollow, kLine, kCross, kBar };
  Kind kind = Kind::kFilled;
  SeriesStyle style;
  std::string label;
};

// Entries from left to right, wrapped at the picture's width; returns the y below the legend. With a null
// `svg` only measures.
double DrawLegend(Svg* svg, double top, const std::vector<LegendEntry>& entries);

// A small x, for what has no value.
void DrawCross(Svg* svg, Point center, const std::string& color);

}  // namespace yoake
