#include "reports/analyses/operating_point_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>

#include "core/drawing/axes.h"
#include "reports/analyses/view_parts.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

using metrics::OperatingPoint;

constexpr double kHeight = 380;
constexpr Ticks kUnit = {0, 1, .2};

// A line through `points` without those that lie on the last one kept, to the eye.
std::vector<Point> Thinned(const std::vector<Point>& points) {
  constexpr double kVisible = 0.4;  // Pixels.
  std::vector<Point> kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool last = i + 1 == points.size();
    if (kept.empty() || last ||
        std::hypot(points[i].x - kept.back().x, points[i].y - kept.back().y) >= kVisible) {
      kept.push_back(points[i]);
    }
  }
  return kept;
}

// What a plot shows of an operating point, in the axes' units.
using Place = std::function<Point(const OperatingPoint&)>;

struct Plot {
  std::string title;
  std::string x_title;
  std::string y_title;
  Ticks x;
  Place place;
};

std::string Draw(const Plot& plot, const std::vector<OperatingPointCurve>& curves,
                 const metrics::AnalysisOptions& options) {
  std::vector<SeriesStyle> styles;
  std::vector<LegendEntry> legend;
  std::vector<std::optional<OperatingPoint>> best;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const bool all = i + 1 == curves.size();
    styles.push_back(all ? SeriesStyle{kInk, Marker::kCircle} : SeriesPalette()[i % kSeriesStyles]);
    best.push_back(BestPoint(curves[i].points, options.beta));
    std::string label = curves[i].name;
    if (best[i]) {
      label += fmt::format(": {} at {}", MetricText(best[i]->counts.F(options.beta)),
                           MetricText(best[i]->threshold));
    }
    legend.push_back({LegendEntry::Kind::kFilled, styles[i], label});
  }
  const double top = DrawLegend(nullptr, 58, legend) + 16;
  Svg svg(kPlotWidth, top + kHeight + 50, plot.title, plot.y_title + " over " + plot.x_title);
  DrawTitle(&svg, plot.title,
            fmt::format("{}; real operating points, the best F{} marked (value at threshold)",
                        IouText(options.iou), options.beta));
  DrawLegend(&svg, 58, legend);
  const Axes axes{66, top, kPlotWidth - 66 - 24, kHeight, plot.x, kUnit};
  axes.Draw(&svg, plot.x_title, plot.y_title);
  const auto at = [&](const OperatingPoint& point) {
    const Point place = plot.place(point);
    return axes.At(place.x, place.y);
  };
  for (std::size_t i = 0; i < curves.size(); ++i) {
    std::vector<Point> points;
    for (const OperatingPoint& point : curves[i].points) points.push_back(at(point));
    svg.Polyline(Thinned(points), {styles[i].color, i + 1 == curves.size() ? 2.5 : 1.5, "", 1});
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (best[i]) svg.Mark(styles[i].marker, at(*best[i]), 5, styles[i].color, false, legend[i].label);
  }
  return svg.Finish();
}

// [0, 1], wider when scores lie outside.
Ticks ScoreTicks(const std::vector<OperatingPointCurve>& curves) {
  double low = 0, high = 1;
  for (const OperatingPointCurve& curve : curves) {
    if (curve.points.empty()) continue;
    low = std::min(low, curve.points.back().threshold);
    high = std::max(high, curve.points.front().threshold);
  }
  return low == 0 && high == 1 ? kUnit : NiceTicks(low, high, 6);
}

}  // namespace

std::string PrecisionRecallSvg(const std::vector<OperatingPointCurve>& curves,
                               const metrics::AnalysisOptions& options) {
  const Place place = [](const OperatingPoint& point) {
    return Point{point.counts.Recall().value_or(0), point.counts.Precision().value_or(0)};
  };
  return Draw({"Precision and recall", "recall", "precision", kUnit, place}, curves, options);
}

std::string FByThresholdSvg(const std::vector<OperatingPointCurve>& curves,
                            const metrics::AnalysisOptions& options) {
  const Place place = [&](const OperatingPoint& point) {
    return Point{point.threshold, point.counts.F(options.beta).value_or(0)};
  };
  const std::string name = fmt::format("F{}", options.beta);
  return Draw({name + " by score threshold", "score threshold", name, ScoreTicks(curves), place}, curves,
              options);
}

}  // namespace yoake::reports
