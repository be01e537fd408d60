#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/drawing/axes.h"
#include "core/drawing/plot_style.h"
#include "reports/combinations.h"
#include "reports/number_text.h"
#include "reports/plots.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMostRows = 20;
constexpr double kReach = 1.5;  // Standard errors to each side.

struct ConfirmedTrial {
  std::string label;
  std::vector<double> values;  // Of its runs.
  double estimate = 0;
  double error = 0;
};

std::vector<ConfirmedTrial> RowsOf(const StudyResults& results) {
  std::map<int, double> values;
  for (const TrialResult& trial : results.trials) {
    if (trial.value) values[trial.number] = *trial.value;
  }
  std::vector<ConfirmedTrial> rows;
  for (const TrialResult* trial : Ranking(results)) {
    const auto& standing = trial->standing;
    if (!standing || standing->runs.size() < 2 || !standing->estimate || rows.size() == kMostRows) continue;
    const std::string variant = VariantLabel(results, *trial);
    ConfirmedTrial row{fmt::format("{}{}trial {}", variant, variant.empty() ? "" : ", ", trial->number),
                       {},
                       *standing->estimate,
                       standing->standard_error.value_or(0)};
    for (const int run : standing->runs) {
      if (values.contains(run)) row.values.push_back(values.at(run));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void DrawRow(Svg* svg, const ConfirmedTrial& row, const Axes& axes, double middle) {
  const SeriesStyle style = SeriesPalette()[0];
  const auto x = [&](double value) { return axes.At(value, 0).x; };
  svg->Text({axes.left - 8, middle + 4}, row.label, {12, "end", kInk});
  svg->Line({x(row.estimate - kReach * row.error), middle}, {x(row.estimate + kReach * row.error), middle},
            {kInk, 2, "", 1});
  svg->Line({x(row.estimate), middle - 8}, {x(row.estimate), middle + 8}, {kInk, 2, "", 1});
  for (const double value : row.values) {
    svg->Mark(style.marker, {x(value), middle}, 4.5, style.color, true, MetricText(value));
  }
}

}  // namespace

std::string ConfirmationSvg(const StudyResults& results) {
  const std::vector<ConfirmedTrial> rows = RowsOf(results);
  if (rows.empty()) return "";
  double widest = 0, low = rows.front().estimate, high = low;
  for (const ConfirmedTrial& row : rows) {
    widest = std::max(widest, TextWidth(row.label, 12));
    low = std::min(low, row.estimate - kReach * row.error);
    high = std::max(high, row.estimate + kReach * row.error);
    for (const double value : row.values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  constexpr double kRow = 26, kTop = 66;
  const double left = std::min(widest + 24, kPlotWidth / 2);
  const double height = kRow * static_cast<double>(rows.size());
  Svg svg(kPlotWidth, kTop + height + 34, "Repeated runs",
          "The value of every run of the configurations that were run more than once");
  DrawTitle(
      &svg, "Repeated runs",
      fmt::format("{} of every run; the bar is what another run is expected to give, the line 1.5 standard "
                  "errors to each side",
                  results.metric));
  const Axes axes{left, kTop, kPlotWidth - left - 30, height, NiceTicks(low, high, 6), {0, 1, 1}};
  axes.DrawForRows(&svg, "");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    DrawRow(&svg, rows[i], axes, kTop + (static_cast<double>(i) + 0.5) * kRow);
  }
  return svg.Finish();
}

}  // namespace yoake::reports
