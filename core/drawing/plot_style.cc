#include "core/drawing/plot_style.h"

#include "core/display_text.h"

namespace yoake {
namespace {

constexpr double kMargin = 20;
constexpr double kRowHeight = 20;
constexpr double kGap = 18;

void DrawKey(Svg* svg, Point at, const LegendEntry& entry) {
  switch (entry.kind) {
    case LegendEntry::Kind::kFilled:
    case LegendEntry::Kind::kHollow:
      svg->Mark(entry.style.marker, {at.x + 7, at.y - 4}, 5, entry.style.color,
                entry.kind == LegendEntry::Kind::kHollow);
      break;
    case LegendEntry::Kind::kLine:
      svg->Line({at.x, at.y - 4}, {at.x + 14, at.y - 4}, {entry.style.color, 2, "", 1});
      break;
    case LegendEntry::Kind::kCross:
      DrawCross(svg, {at.x + 7, at.y - 4}, entry.style.color);
      break;
    case LegendEntry::Kind::kBar:
      svg->Rect({at.x, at.y - 10}, 14, 11, entry.style.color);
      break;
  }
}

}  // namespace

const std::array<SeriesStyle, kSeriesStyles>& SeriesPalette() {
  static constexpr std::array<SeriesStyle, kSeriesStyles> kStyles = {{{"#0072b2", Marker::kCircle},
                                                                      {"#d55e00", Marker::kSquare},
                                                                      {"#009e73", Marker::kTriangle},
                                                                      {"#cc79a7", Marker::kDiamond},
                                                                      {"#e69f00", Marker::kCircle},
                                                                      {"#56b4e9", Marker::kSquare}}};
  return kStyles;
}

double DrawTitle(Svg* svg, const std::string& title, const std::string& note) {
  svg->Text({kMargin, 28}, Shortened(title, 75), {15, "start", kInk, true, 0});
  if (note.empty()) return 40;
  svg->Text({kMargin, 47}, Shortened(note, 110), {11.5, "start", kFaintInk, false, 0});
  return 58;
}

double DrawLegend(Svg* svg, double top, const std::vector<LegendEntry>& entries) {
  if (entries.empty()) return top;
  double x = kMargin;
  double y = top + 14;
  for (const LegendEntry& entry : entries) {
    const std::string label = Shortened(entry.label, 60);
    const double width = 20 + TextWidth(label, 12);
    if (x > kMargin && x + width > kPlotWidth - kMargin) {
      x = kMargin;
      y += kRowHeight;
    }
    if (svg != nullptr) {
      DrawKey(svg, {x, y}, entry);
      svg->Text({x + 20, y}, label, {12, "start", kInk, false, 0});
    }
    x += width + kGap;
  }
  return y + 8;
}

void DrawCross(Svg* svg, Point center, const std::string& color) {
  constexpr double kArm = 3.5;
  const Stroke stroke{color, 1.5, "", 1};
  svg->Line({center.x - kArm, center.y - kArm}, {center.x + kArm, center.y + kArm}, stroke);
  svg->Line({center.x - kArm, center.y + kArm}, {center.x + kArm, center.y - kArm}, stroke);
}

}  // namespace yoake
