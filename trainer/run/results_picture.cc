#include "trainer/run/results_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>

#include "core/drawing/axes.h"
#include "core/drawing/plot_style.h"
#include "core/drawing/svg.h"
#include "core/time_left.h"

namespace yoake::trainer {
namespace {

constexpr int kPanelColumns = 4;
constexpr double kWidth = 1080;
constexpr double kPanelWidth = 190;
constexpr double kPanelHeight = 118;
constexpr double kPitchX = 262;
constexpr double kPitchY = 192;
constexpr double kLeft = 62;
constexpr std::size_t kMostMarked = 30;  // Points of a line that are drawn one by one.

using RowValue = std::function<std::optional<double>(const EpochRow&)>;

struct Series {
  std::size_t style;  // Of SeriesPalette(): box, objectness, class, L1 in each panel that has them.
  RowValue value;
};

enum Style : std::size_t { kBox, kObj, kCls, kL1, kMetric = 0, kRate = 5 };

struct Panel {
  const char* title;
  std::vector<Series> series;
  bool best = false;       // Mark the highest point and name it.
  bool from_zero = false;  // A small change should look small.
};

// A term that does not take part (L1 before the last epochs) is 0.
std::optional<double> Unless0(double value) { return value == 0 ? std::nullopt : std::optional(value); }

std::vector<Panel> Panels() {
  using Row = const EpochRow&;
  return {
      {"box loss", {{kBox, [](Row row) { return row.box_loss; }}}},
      {"objectness loss", {{kObj, [](Row row) { return row.obj_loss; }}}},
      {"class loss", {{kCls, [](Row row) { return row.cls_loss; }}}},
      {"L1 loss", {{kL1, [](Row row) { return Unless0(row.l1_loss); }}}},
      {"mAP", {{kMetric, [](Row row) { return row.map50_95; }}}, true},
      {"mAP_50", {{kMetric, [](Row row) { return row.map50; }}}, true},
      {"precision", {{kMetric, [](Row row) { return row.precision; }}}},
      {"recall", {{kMetric, [](Row row) { return row.recall; }}}},
      {"learning rate", {{kRate, [](Row row) { return row.lr; }}}, false, true},
      {"balance of the losses",
       {{kBox, [](Row row) { return row.box_share; }},
        {kObj, [](Row row) { return row.obj_share; }},
        {kCls, [](Row row) { return row.cls_share; }},
        {kL1, [](Row row) { return row.l1_share; }}}},
      {"images per second", {{kRate, [](Row row) { return row.images_per_s; }}}, false, true},
      {"peak memory, MB",
       {{kRate, [](Row row) { return row.peak_rss_mb; }}, {kObj, [](Row row) { return row.peak_gpu_mb; }}},
       false,
       true}};
}

// (epoch, value) where it is finite.
std::vector<Point> Values(const std::vector<EpochRow>& rows, const RowValue& value) {
  std::vector<Point> values;
  for (const EpochRow& row : rows) {
    const auto found = value(row);
    if (found && std::isfinite(*found)) values.push_back({static_cast<double>(row.epoch), *found});
  }
  return values;
}

bool IsLower(const Point& a, const Point& b) { return a.y < b.y; }

void DrawSeries(Svg* svg, const Axes& axes, const std::vector<Point>& values, const SeriesStyle& style) {
  std::vector<Point> points;
  for (const Point& value : values) points.push_back(axes.At(value.x, value.y));
  svg->Polyline(points, {style.color, 1.75, "", 1});
  if (points.size() > kMostMarked) return;
  for (std::size_t i = 0; i < points.size(); ++i) {
    svg->Mark(Marker::kCircle, points[i], 2.5, style.color, false,
              fmt::format("epoch {:.0f}: {:.4g}", values[i].x, values[i].y));
  }
}

void DrawBest(Svg* svg, const Axes& axes, const std::vector<Point>& values, const SeriesStyle& style) {
  const Point best = *std::max_element(values.begin(), values.end(), IsLower);
  svg->Mark(style.marker, axes.At(best.x, best.y), 4.5, style.color, false);
  svg->Text({axes.left + axes.width, axes.top - 9}, fmt::format("best {:.3f} at {:.0f}", best.y, best.x),
            {11, "end", kFaintInk, false, 0});
}

void DrawPanel(Svg* svg, const Panel& panel, Axes axes, const std::vector<EpochRow>& rows) {
  svg->Text({axes.left, axes.top - 9}, panel.title, {12, "start", kInk, true, 0});
  std::vector<std::vector<Point>> lines;
  std::vector<Point> all;
  for (const Series& series : panel.series) {
    lines.push_back(Values(rows, series.value));
    std::copy(lines.back().begin(), lines.back().end(), std::back_inserter(all));
  }
  if (all.empty()) {
    axes.Draw(svg, "epoch", "", true, false);
    svg->Text({axes.left + axes.width / 2, axes.top + axes.height / 2}, "nothing yet",
              {11.5, "middle", kFaintInk, false, 0});
    return;
  }
  const auto [low, high] = std::minmax_element(all.begin(), all.end(), IsLower);
  axes.y = NiceTicks(panel.from_zero ? 0 : low->y, high->y, 4);
  axes.Draw(svg, "epoch", "");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    DrawSeries(svg, axes, lines[i], SeriesPalette()[panel.series[i].style]);
  }
  if (panel.best) DrawBest(svg, axes, all, SeriesPalette()[kMetric]);
}

std::string Note(const std::vector<EpochRow>& rows, int epochs) {
  if (rows.empty()) return "no epoch has ended yet";
  const EpochRow& last = rows.back();
  std::string note = fmt::format("epoch {} of {} after {}", last.epoch, epochs, FormatTimeLeft(last.seconds));
  if (last.epoch < epochs) {
    note += fmt::format(", about {} left", FormatTimeLeft(last.seconds / last.epoch * (epochs - last.epoch)));
  }
  if (last.images_per_s) note += fmt::format("; {:.1f} images per second", *last.images_per_s);
  if (last.peak_rss_mb) note += fmt::format("; peak memory {:.0f} MB", *last.peak_rss_mb);
  if (last.peak_gpu_mb) note += fmt::format(", GPU {:.0f} MB", *last.peak_gpu_mb);
  return note;
}

}  // namespace

std::string ResultsSvg(const std::string& title, const std::vector<EpochRow>& rows, int epochs) {
  const auto& palette = SeriesPalette();
  const std::vector<LegendEntry> legend = {{LegendEntry::Kind::kLine, palette[kBox], "boxes, metrics"},
                                           {LegendEntry::Kind::kLine, palette[kObj], "objectness"},
                                           {LegendEntry::Kind::kLine, palette[kCls], "classes"},
                                           {LegendEntry::Kind::kLine, palette[kL1], "L1"}};
  const double top = DrawLegend(nullptr, 58, legend) + 34;
  const std::vector<Panel> panels = Panels();
  const double lines = std::ceil(static_cast<double>(panels.size()) / kPanelColumns);
  Svg svg(kWidth, top + lines * kPitchY - 24, title, "Losses, metrics, rate, speed and memory by epoch");
  DrawTitle(&svg, title, Note(rows, epochs));
  DrawLegend(&svg, 58, legend);
  const Ticks x = NiceTicks(1, std::max(2, epochs), 5, true);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    DrawPanel(&svg, panels[i],
              {kLeft + static_cast<double>(i % kPanelColumns) * kPitchX,
               top + static_cast<double>(i / kPanelColumns) * kPitchY,
               kPanelWidth,
               kPanelHeight,
               x,
               {}},
              rows);
  }
  return svg.Finish();
}

}  // namespace yoake::trainer
