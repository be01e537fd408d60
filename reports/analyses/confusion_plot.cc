#include "reports/analyses/confusion_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/display_text.h"
#include "core/drawing/plot_style.h"
#include "core/drawing/svg.h"

namespace yoake::reports {
namespace {

constexpr int kLabelLength = 18;
constexpr double kLabelSize = 11.5;
constexpr double kLeastWidth = 480;  // For the title.

// From white (0) to the palette's blue (1).
std::string Shade(double share) {
  const auto mix = [&](int full) {
    return static_cast<int>(std::lround(255 + (full - 255) * std::clamp(share, 0.0, 1.0)));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(0x00), mix(0x72), mix(0xb2));
}

struct Line {
  std::size_t position;  // Of the matrix.
  std::string label;
};

std::vector<Line> LinesOf(const std::vector<std::string>& names, const std::vector<std::size_t>& categories,
                          std::size_t background, const std::string& last) {
  std::vector<Line> lines;
  for (const std::size_t k : categories) lines.push_back({k, Shortened(names[k], kLabelLength)});
  lines.push_back({background, last});
  return lines;
}

}  // namespace

std::string ConfusionSvg(const metrics::ConfusionMatrix& matrix, const std::vector<std::string>& names,
                         const std::vector<std::size_t>& categories, const std::string& where) {
  const auto rows = LinesOf(names, categories, matrix.background(), "background");
  const auto columns = LinesOf(names, categories, matrix.background(), "missed");
  double label_width = 0;
  for (const Line& row : rows) label_width = std::max(label_width, TextWidth(row.label, kLabelSize));
  const double left = 20 + 24 + label_width + 8;
  const double top = 58 + label_width + 34;
  const double size = std::min(96.0, (kPlotWidth - left - 24) / static_cast<double>(columns.size()));
  const double bottom = top + size * static_cast<double>(rows.size());

  std::string note = where + "; shade: share of the row";
  if (categories.size() < names.size()) {
    note += fmt::format("; {} of {} categories, those with the most truth boxes", categories.size(),
                        names.size());
  }
  const double right = left + size * static_cast<double>(columns.size());
  Svg svg(std::max(kLeastWidth, right + 24), bottom + 24, "Confusion matrix", note);
  DrawTitle(&svg, "Confusion matrix", note);
  svg.Text({(left + right) / 2, 76}, "predicted", {12, "middle", kFaintInk, false, 0});
  svg.Text({32, (top + bottom) / 2}, "truth", {12, "middle", kFaintInk, false, -90});
  for (std::size_t c = 0; c < columns.size(); ++c) {
    svg.Text({left + size * (static_cast<double>(c) + .5) + 4, top - 8}, columns[c].label,
             {kLabelSize, "start", kInk, false, -90});
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double y = top + size * static_cast<double>(r);
    const int sum = matrix.TruthBoxes(rows[r].position);
    svg.Text({left - 8, y + size / 2 + 4}, rows[r].label, {kLabelSize, "end", kInk, false, 0});
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const double x = left + size * static_cast<double>(c);
      const int count = matrix.At(rows[r].position, columns[c].position);
      const double share = sum > 0 ? static_cast<double>(count) / sum : 0;
      svg.Rect({x + .5, y + .5}, size - 1, size - 1, count > 0 ? Shade(.06 + .94 * share) : "#f6f8fa");
      if (count == 0) continue;
      const std::string text = std::to_string(count);
      const double font = std::min(12.0, (size - 3) / TextWidth(text, 1));
      svg.Text({x + size / 2, y + size / 2 + font * .35}, text,
               {font, "middle", share > .5 ? "#ffffff" : kInk, false, 0});
    }
  }
  return svg.Finish();
}

}  // namespace yoake::reports
