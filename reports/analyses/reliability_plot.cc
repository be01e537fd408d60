#include "reports/analyses/reliability_plot.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/display_text.h"
#include "core/drawing/axes.h"
#include "core/drawing/plot_style.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

constexpr double kSize = 250;   // Of the square.
constexpr double kCounts = 40;  // Height of the bars of counts below it.
constexpr double kPitch = kSize + kCounts + 110;
constexpr char kBarColor[] = "#56b4e9";
constexpr char kMark[] = "#d55e00";

void DrawPanel(Svg* svg, Point corner, const ReliabilityPanel& panel) {
  const Axes axes{corner.x, corner.y + 22, kSize, kSize, {0, 1, .2}, {0, 1, .2}};
  svg->Text({corner.x, corner.y + 10},
            fmt::format("{}: ECE {}, MCE {}", Shortened(panel.name, 20), MetricText(panel.calibration.ece),
                        MetricText(panel.calibration.mce)),
            {12, "start", kInk, true, 0});
  axes.Draw(svg, "", "precision");
  int most = 1;
  for (const metrics::ScoreBin& bin : panel.calibration.bins) most = std::max(most, bin.detections());
  const double base = axes.top + kSize + 26 + kCounts;
  for (const metrics::ScoreBin& bin : panel.calibration.bins) {
    const double left = axes.At(bin.low, 0).x + 1;
    const double width = axes.At(bin.high, 0).x - 1 - left;
    if (const auto precision = bin.Precision()) {
      const double top = axes.At(0, *precision).y;
      svg->Rect({left, top}, width, axes.top + kSize - top, kBarColor);
    }
    const double height = kCounts * bin.detections() / most;
    if (bin.detections() > 0)
      svg->Rect({left, base - std::max(1.0, height)}, width, std::max(1.0, height), kGrey);
  }
  svg->Line(axes.At(0, 0), axes.At(1, 1), {kInk, 1, "4 3", 1});
  for (const metrics::ScoreBin& bin : panel.calibration.bins) {
    if (bin.detections() == 0) continue;
    svg->Mark(Marker::kDiamond, axes.At(*bin.MeanScore(), *bin.Precision()), 4, kMark, false,
              fmt::format("mean score {}, precision {}, {}", MetricText(bin.MeanScore()),
                          MetricText(bin.Precision()),
                          CountText(static_cast<std::size_t>(bin.detections()), "detection")));
  }
  svg->Text({axes.left + kSize / 2, base + 17},
            fmt::format("score; below: detections, at most {} a bin", most),
            {12, "middle", kFaintInk, false, 0});
}

}  // namespace

std::string ReliabilitySvg(const std::vector<ReliabilityPanel>& panels, const std::string& where) {
  const std::vector<LegendEntry> legend = {
      {LegendEntry::Kind::kBar, {kBarColor, Marker::kCircle}, "precision of the bin"},
      {LegendEntry::Kind::kFilled, {kMark, Marker::kDiamond}, "at the bin's mean score"},
      {LegendEntry::Kind::kLine, {kInk, Marker::kCircle}, "scores that are honest"}};
  const double top = DrawLegend(nullptr, 58, legend) + 16;
  const std::size_t rows = (panels.size() + 1) / 2;
  const std::string note =
      "Detections right at " + where + "; above the line a score is too low, below too high";
  Svg svg(kPlotWidth, top + kPitch * static_cast<double>(rows), "Reliability", note);
  DrawTitle(&svg, "Reliability", note);
  DrawLegend(&svg, 58, legend);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const std::size_t row = i / 2;
    const double x = 70 + (i % 2 == 0 ? 0 : kPlotWidth / 2);
    DrawPanel(&svg, {x, top + kPitch * static_cast<double>(row)}, panels[i]);
  }
  return svg.Finish();
}

}  // namespace yoake::reports
