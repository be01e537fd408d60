#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/display_text.h"
#include "core/drawing/axes.h"
#include "reports/combinations.h"
#include "reports/number_text.h"
#include "reports/plot_style.h"
#include "reports/plots.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMaxPanels = 12;
constexpr double kPanelHeight = 150;
constexpr double kPanelPitch = kPanelHeight + 72;

struct Range {
  double low = INFINITY;
  double high = -INFINITY;

  void Add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

// The (epoch, value) pairs where `metric` has a finite value.
std::vector<Point> Values(const TrialResult& trial, const std::string& metric) {
  std::vector<Point> values;
  for (const CurvePoint& point : trial.curve) {
    const auto found = point.metrics.find(metric);
    if (found != point.metrics.end() && found->second && std::isfinite(*found->second)) {
      values.push_back({static_cast<double>(point.epoch), *found->second});
    }
  }
  return values;
}

bool HasCurve(const StudyResults& results, const std::string& metric) {
  return std::any_of(results.trials.begin(), results.trials.end(),
                     [&](const TrialResult& trial) { return !Values(trial, metric).empty(); });
}

struct Panel {
  Combination combination;
  SeriesStyle style;
};

std::vector<Panel> Panels(const StudyResults& results) {
  const std::vector<Combination> combinations = Combinations(results);
  const auto styles = StylesOf(results, combinations);
  std::vector<Panel> panels;
  for (const std::size_t i : Leading(results, combinations, kMaxPanels))
    panels.push_back({combinations[i], styles[i]});
  return panels;
}

void DrawPanel(Svg* svg, const Combination& panel, const SeriesStyle& style, const std::string& metric,
               search::Direction direction, const Axes& axes) {
  const auto points_of = [&](const TrialResult& trial) {
    std::vector<Point> points;
    for (const Point& value : Values(trial, metric)) points.push_back(axes.At(value.x, value.y));
    return points;
  };
  for (const TrialResult* trial : panel.trials) {
    if (trial != panel.best) svg->Polyline(points_of(*trial), {kGrey, 1, "", 1});
  }
  if (panel.best != nullptr) svg->Polyline(points_of(*panel.best), {style.color, 2.5, "", 1});
  // Marks last: a line must not hide where a trial ended.
  for (const TrialResult* trial : panel.trials) {
    const std::vector<Point> points = points_of(*trial);
    if (points.empty()) continue;
    if (trial->state == search::TrialState::kPruned) {
      svg->Mark(Marker::kCircle, points.back(), 3, kFaintInk, true,
                fmt::format("trial {}, pruned", trial->number));
    } else if (trial->state == search::TrialState::kFail) {
      DrawCross(svg, points.back(), kFaintInk);
    }
  }
  if (panel.best == nullptr) return;
  const std::vector<Point> values = Values(*panel.best, metric);
  if (values.empty()) return;
  const auto best = std::max_element(values.begin(), values.end(), [&](const Point& a, const Point& b) {
    return IsBetter(b.y, a.y, direction);
  });
  svg->Mark(style.marker, axes.At(best->x, best->y), 4.5, style.color, false,
            fmt::format("trial {}, epoch {:.0f}: {}", panel.best->number, best->x, MetricText(best->y)));
}

std::vector<LegendEntry> Legend(const std::vector<Panel>& panels, const std::string& metric) {
  const auto any = [&](search::TrialState state) {
    return std::any_of(panels.begin(), panels.end(), [&](const Panel& panel) {
      const auto& trials = panel.combination.trials;
      return std::any_of(trials.begin(), trials.end(), [&](const TrialResult* trial) {
        return trial->state == state && !Values(*trial, metric).empty();
      });
    });
  };
  std::vector<LegendEntry> entries = {
      {LegendEntry::Kind::kLine, panels.front().style, "the best trial, marked at its best epoch"},
      {LegendEntry::Kind::kLine, {kGrey, Marker::kCircle}, "the other trials"}};
  if (any(search::TrialState::kPruned)) {
    entries.push_back({LegendEntry::Kind::kHollow, {kFaintInk, Marker::kCircle}, "pruned here"});
  }
  if (any(search::TrialState::kFail)) {
    entries.push_back({LegendEntry::Kind::kCross, {kFaintInk, Marker::kCircle}, "failed here"});
  }
  return entries;
}

std::string PanelTitle(const StudyResults& results, const Combination& panel) {
  if (panel.best == nullptr) return Shortened(panel.label, 34) + ": none finished";
  const std::string best = fmt::format("trial {}, {}", panel.best->number, MetricText(panel.best->value));
  return results.factors.empty() ? "best: " + best : Shortened(panel.label, 30) + ": " + best;
}

}  // namespace

std::string CurvesSvg(const StudyResults& results) {
  const std::string metric = HasCurve(results, results.metric) ? results.metric : "mAP";
  const std::vector<Panel> panels = Panels(results);
  Range epochs;
  Range values;
  for (const Panel& panel : panels) {
    for (const TrialResult* trial : panel.combination.trials) {
      for (const Point& value : Values(*trial, metric)) {
        epochs.Add(value.x);
        values.Add(value.y);
      }
    }
  }
  if (values.empty()) return "";

  const std::size_t columns = panels.size() > 1 ? 2 : 1;
  const std::size_t rows = (panels.size() + columns - 1) / columns;
  const auto legend = Legend(panels, metric);
  const double top = DrawLegend(nullptr, 58, legend) + 32;
  Svg svg(kPlotWidth, top + static_cast<double>(rows) * kPanelPitch - 22, "Learning curves",
          fmt::format("{} by epoch, one panel a combination of variants", metric));
  DrawTitle(&svg, "Learning curves", metric + " on the validation set by epoch; all panels have one scale");
  DrawLegend(&svg, 58, legend);

  const double gap = 56;
  const double width = columns == 2 ? (kPlotWidth - 66 - 24 - gap) / 2 : kPlotWidth - 66 - 24;
  const Ticks x = NiceTicks(std::min(epochs.low, 1.0), epochs.high, columns == 2 ? 6 : 12, true);
  const Ticks y = NiceTicks(values.low, values.high, 5);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const std::size_t row = i / columns;
    const Axes axes{66 + static_cast<double>(i % columns) * (width + gap),
                    top + static_cast<double>(row) * kPanelPitch,
                    width,
                    kPanelHeight,
                    x,
                    y};
    svg.Text({axes.left, axes.top - 9}, PanelTitle(results, panels[i].combination),
             {12, "start", kInk, true, 0});
    axes.Draw(&svg, "epoch", i % columns == 0 ? metric : "");
    DrawPanel(&svg, panels[i].combination, panels[i].style, metric, results.direction, axes);
  }
  return svg.Finish();
}

}  // namespace yoake::reports
