#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/drawing/axes.h"
#include "reports/combinations.h"
#include "reports/number_text.h"
#include "reports/plot_style.h"
#include "reports/plots.h"

namespace yoake::reports {
namespace {

using search::TrialState;

bool HasPlace(const TrialResult& trial) {
  return (trial.state == TrialState::kComplete || trial.state == TrialState::kPruned) && trial.value &&
         std::isfinite(*trial.value);
}

std::vector<LegendEntry> Legend(const StudyResults& results, const std::vector<Combination>& combinations) {
  std::vector<LegendEntry> entries;
  const auto any = [&](TrialState state) {
    return std::any_of(results.trials.begin(), results.trials.end(),
                       [&](const TrialResult& trial) { return trial.state == state; });
  };
  const auto styles = StylesOf(results, combinations);
  for (const std::size_t i : Leading(results, combinations, kSeriesStyles)) {
    entries.push_back({LegendEntry::Kind::kFilled, styles[i],
                       results.factors.empty() ? "finished" : combinations[i].label});
  }
  if (combinations.size() > kSeriesStyles) {
    entries.push_back({LegendEntry::Kind::kFilled, {}, "other combinations"});
  }
  entries.push_back({LegendEntry::Kind::kLine, {kInk, Marker::kCircle}, "best so far"});
  if (any(TrialState::kPruned)) {
    entries.push_back(
        {LegendEntry::Kind::kHollow, {kFaintInk, Marker::kCircle}, "hollow: pruned, last value"});
  }
  if (any(TrialState::kFail)) {
    entries.push_back({LegendEntry::Kind::kCross, {kFaintInk, Marker::kCircle}, "failed"});
  }
  return entries;
}

// The steps of the best finished value, from the first trial that has one to the right edge.
std::vector<Point> BestSoFar(const StudyResults& results, const Axes& axes) {
  std::vector<Point> steps;
  double best = 0;
  for (const TrialResult& trial : results.trials) {
    if (trial.state != TrialState::kComplete || !HasPlace(trial)) continue;
    if (!steps.empty() && !IsBetter(*trial.value, best, results.direction)) continue;
    if (!steps.empty()) steps.push_back(axes.At(trial.number, best));
    best = *trial.value;
    steps.push_back(axes.At(trial.number, best));
  }
  if (!steps.empty()) steps.push_back(axes.At(axes.x.high, best));
  return steps;
}

void DrawTrials(Svg* svg, const StudyResults& results, const std::vector<Combination>& combinations,
                const Axes& axes) {
  const auto styles = StylesOf(results, combinations);
  for (std::size_t i = 0; i < combinations.size(); ++i) {
    const SeriesStyle& style = styles[i];
    for (const TrialResult* trial : combinations[i].trials) {
      if (HasPlace(*trial)) {
        const bool pruned = trial->state == TrialState::kPruned;
        svg->Mark(style.marker, axes.At(trial->number, *trial->value), 5, style.color, pruned,
                  fmt::format("trial {}, {}{}: {}", trial->number, combinations[i].label,
                              pruned ? ", pruned" : "", MetricText(trial->value)));
      } else if (trial->state == TrialState::kFail) {
        DrawCross(svg, {axes.At(trial->number, axes.y.low).x, axes.top + axes.height - 7}, style.color);
      }
    }
  }
}

}  // namespace

std::string HistorySvg(const StudyResults& results) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const TrialResult& trial : results.trials) {
    if (!HasPlace(trial)) continue;
    low = std::min(low, *trial.value);
    high = std::max(high, *trial.value);
  }
  if (low > high) return "";
  const std::vector<Combination> combinations = Combinations(results);
  const auto legend = Legend(results, combinations);
  const double top = DrawLegend(nullptr, 58, legend) + 12;
  constexpr double kHeight = 230;

  Svg svg(kPlotWidth, top + kHeight + 50, "Optimisation history",
          fmt::format("{} of each trial by its number, and the best value so far", results.metric));
  const std::string goal = results.direction == search::Direction::kMaximize ? "higher" : "lower";
  DrawTitle(&svg, "Optimisation history", results.metric + " on the validation set; " + goal + " is better");
  DrawLegend(&svg, 58, legend);

  Axes axes{66, top, kPlotWidth - 66 - 24, kHeight, {}, NiceTicks(low, high, 5)};
  axes.x = NiceTicks(results.trials.front().number - 0.5, results.trials.back().number + 0.5, 12, true);
  axes.Draw(&svg, "trial", results.metric);
  svg.Polyline(BestSoFar(results, axes), {kInk, 1.75, "", 1});
  DrawTrials(&svg, results, combinations, axes);
  return svg.Finish();
}

}  // namespace yoake::reports
