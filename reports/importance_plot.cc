#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/drawing/axes.h"
#include "core/drawing/plot_style.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "reports/combinations.h"
#include "reports/plots.h"
#include "search/importance.h"
#include "search/space.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMostBars = 20;
constexpr std::size_t kLeastTrials = 10;  // With fewer a bar says nothing.

std::vector<search::Choice> LevelsOf(const Factor& factor) {
  return {factor.levels.begin(), factor.levels.end()};
}

search::ParamSet ParamsOf(const TrialResult& trial, const StudyResults& results,
                          const search::SearchSpace& space) {
  search::ParamSet params;
  for (const auto& [name, value] : trial.params.items()) {
    const search::SpaceEntry* entry = space.Find(name);
    if (entry == nullptr) continue;
    try {
      params[name] = search::FromExternal(entry->distribution, value);
    } catch (const Error&) {  // The space has changed since.
    }
  }
  for (const Factor& factor : results.factors) {
    const auto level = trial.variant.find(factor.name);
    const auto place = level == trial.variant.end()
                           ? factor.levels.end()
                           : std::find(factor.levels.begin(), factor.levels.end(), level->second);
    if (place == factor.levels.end()) continue;
    params["variant " + factor.name] = {search::CategoricalDistribution{LevelsOf(factor)},
                                        static_cast<double>(place - factor.levels.begin())};
  }
  return params;
}

search::SearchSpace SpaceOf(const StudyResults& results) {
  try {
    return search::ParseSearchSpace(JsonReader(results.space, results.name, "$.space"));
  } catch (const Error&) {  // A newer yoake's: the rest of the report stands without this picture.
    return {};
  }
}

// The trials as a sampler would see them; the factors of variants count as parameters.
search::History HistoryOf(const StudyResults& results) {
  const search::SearchSpace space = SpaceOf(results);
  search::History history{{results.direction}, {}};
  for (const TrialResult& trial : results.trials) {
    if (trial.state != search::TrialState::kComplete || !trial.value || !std::isfinite(*trial.value))
      continue;
    search::TrialRecord& record = history.trials.emplace_back();
    record.number = trial.number;
    record.state = trial.state;
    record.values = {*trial.value};
    record.params = ParamsOf(trial, results, space);
  }
  return history;
}

struct Bar {
  std::string name;
  double share = 0, low = 0, high = 0;
  const char* color = SeriesPalette()[0].color;
};

// The most important parameters, and in grey what they explain together only.
std::vector<Bar> BarsOf(const search::Importance& importance) {
  std::vector<Bar> bars;
  for (const search::ParameterImportance& one : importance.parameters) {
    if (bars.size() == kMostBars) break;
    bars.push_back({one.name, one.importance, one.low, one.high});
  }
  if (!bars.empty()) {
    bars.push_back({"interactions", importance.rest, importance.rest, importance.rest, kGrey});
  }
  return bars;
}

void DrawBar(Svg* svg, const Bar& bar, const Axes& axes, double middle) {
  const auto x = [&](double share) { return axes.At(share, 0).x; };
  svg->Text({axes.left - 8, middle + 4}, bar.name, {12, "end", kInk});
  svg->Rect({axes.left, middle - 7}, std::max(1.0, x(bar.share) - axes.left), 14, bar.color);
  if (bar.low < bar.high) {
    svg->Line({x(bar.low), middle}, {x(bar.high), middle}, {kInk, 1.5, "", 1});
    for (const double end : {bar.low, bar.high}) {
      svg->Line({x(end), middle - 4}, {x(end), middle + 4}, {kInk, 1.5, "", 1});
    }
  }
  svg->Text({std::max(x(bar.high), x(bar.share)) + 8, middle + 4}, fmt::format("{:.2f}", bar.share),
            {11, "start", kFaintInk});
}

}  // namespace

std::string ImportanceSvg(const StudyResults& results) {
  const search::History history = HistoryOf(results);
  if (history.trials.size() < kLeastTrials) return "";
  const search::Importance importance = search::ComputeImportance(history, {});
  const std::vector<Bar> bars = BarsOf(importance);
  if (bars.empty()) return "";
  double widest = 0, high = 0.1;
  for (const Bar& bar : bars) {
    widest = std::max(widest, TextWidth(bar.name, 12));
    high = std::max(high, bar.high);
  }
  constexpr double kRow = 24, kTop = 66;
  const double left = std::min(widest + 24, kPlotWidth / 2);
  const double height = kRow * static_cast<double>(bars.size());
  Svg svg(kPlotWidth, kTop + height + 34, "Importance of the parameters",
          "Share of the metric's variance that each parameter explains alone");
  DrawTitle(&svg, "Importance of the parameters",
            fmt::format("share of the variance of {} that each explains alone (fANOVA, {} trials); lines: 10 "
                        "to 90 % over seeds",
                        results.metric, importance.trials));
  const Axes axes{left, kTop, kPlotWidth - left - 60, height, NiceTicks(0, high, 6), {0, 1, 1}};
  axes.DrawForRows(&svg, "");
  for (std::size_t i = 0; i < bars.size(); ++i) {
    DrawBar(&svg, bars[i], axes, kTop + (static_cast<double>(i) + 0.5) * kRow);
  }
  return svg.Finish();
}

}  // namespace yoake::reports
