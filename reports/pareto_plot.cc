#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/drawing/axes.h"
#include "core/drawing/plot_style.h"
#include "reports/combinations.h"
#include "reports/number_text.h"
#include "reports/plots.h"

namespace yoake::reports {
namespace {

std::vector<const TrialResult*> Timed(const StudyResults& results) {
  std::vector<const TrialResult*> trials;
  for (const TrialResult* trial : Ranking(results)) {
    if (trial->seconds && std::isfinite(*trial->value)) trials.push_back(trial);
  }
  std::stable_sort(trials.begin(), trials.end(),
                   [](const TrialResult* a, const TrialResult* b) { return *a->seconds < *b->seconds; });
  return trials;
}

// Those that are better than every faster one.
std::vector<const TrialResult*> Front(const std::vector<const TrialResult*>& timed,
                                      search::Direction direction) {
  std::vector<const TrialResult*> front;
  for (const TrialResult* trial : timed) {
    if (!front.empty() && !IsBetter(*trial->value, *front.back()->value, direction)) continue;
    if (!front.empty() && *trial->seconds == *front.back()->seconds) front.pop_back();
    front.push_back(trial);
  }
  return front;
}

// The front as steps: from each trial on nothing faster is better.
std::vector<Point> Steps(const std::vector<const TrialResult*>& front, const Axes& axes) {
  std::vector<Point> steps;
  for (std::size_t i = 0; i < front.size(); ++i) {
    if (i > 0) steps.push_back(axes.At(*front[i]->seconds, *front[i - 1]->value));
    steps.push_back(axes.At(*front[i]->seconds, *front[i]->value));
  }
  if (!steps.empty()) steps.push_back(axes.At(axes.x.high, *front.back()->value));
  return steps;
}

}  // namespace

std::string ParetoSvg(const StudyResults& results) {
  const auto timed = Timed(results);
  const auto front = Front(timed, results.direction);
  if (front.size() < 2) return "";  // The best is the fastest: there is nothing to weigh.
  double low = INFINITY, high = -INFINITY;
  for (const TrialResult* trial : timed) {
    low = std::min(low, *trial->value);
    high = std::max(high, *trial->value);
  }
  const std::vector<LegendEntry> legend = {
      {LegendEntry::Kind::kFilled, SeriesPalette()[0], "no other is both better and faster"},
      {LegendEntry::Kind::kFilled, {kGrey, Marker::kCircle}, "other finished trials"}};
  const double top = DrawLegend(nullptr, 58, legend) + 12;
  constexpr double kHeight = 230;
  Svg svg(kPlotWidth, top + kHeight + 50, "Value against training time",
          fmt::format("{} of each finished trial by its seconds, and the Pareto front", results.metric));
  DrawTitle(&svg, "Value against training time",
            results.metric + " on the validation set; the line is the Pareto front");
  DrawLegend(&svg, 58, legend);
  Axes axes{66,
            top,
            kPlotWidth - 66 - 24,
            kHeight,
            NiceTicks(0, *timed.back()->seconds, 8),
            NiceTicks(low, high, 5)};
  axes.Draw(&svg, "seconds of the trial", results.metric);
  svg.Polyline(Steps(front, axes), {kInk, 1.5, "", 1});
  const auto mark = [&](const TrialResult& trial, const SeriesStyle& style, double size) {
    svg.Mark(style.marker, axes.At(*trial.seconds, *trial.value), size, style.color, false,
             fmt::format("trial {}: {} in {}", trial.number, MetricText(trial.value),
                         DurationText(trial.seconds)));
  };
  for (const TrialResult* trial : timed) {
    const bool leads = std::find(front.begin(), front.end(), trial) != front.end();
    if (!leads) mark(*trial, {kGrey, Marker::kCircle}, 4);
  }
  for (const TrialResult* trial : front) mark(*trial, SeriesPalette()[0], 6);  // Above the others.
  return svg.Finish();
}

}  // namespace yoake::reports
