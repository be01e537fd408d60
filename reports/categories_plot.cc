#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/display_text.h"
#include "core/drawing/axes.h"
#include "reports/combinations.h"
#include "reports/number_text.h"
#include "reports/plot_style.h"
#include "reports/plots.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMaxCategories = 20;
constexpr double kBarPitch = 12;
constexpr double kGroupGap = 12;

struct Series {
  const metrics::EvalResult* score;
  SeriesStyle style;
  std::string label;
};

std::vector<Series> SeriesOf(const StudyResults& results, const std::string& test) {
  std::vector<Series> series;
  const std::vector<Combination> combinations = Combinations(results);
  const auto styles = StylesOf(results, combinations);
  for (const std::size_t i : Leading(results, combinations, kSeriesStyles)) {
    const TrialResult* best = combinations[i].best;
    if (best == nullptr || !best->tests.contains(test)) continue;
    series.push_back({&best->tests.at(test), styles[i],
                      fmt::format("{} (trial {})", combinations[i].label, best->number)});
  }
  return series;
}

// Rows of the first series, the most truth boxes kept when there are too many, in their own order.
std::vector<metrics::CategoryRow> Categories(const Series& series) {
  std::vector<metrics::CategoryRow> rows = series.score->per_category;
  if (rows.size() <= kMaxCategories) return rows;
  std::vector<metrics::CategoryRow> by_boxes = rows;
  std::stable_sort(by_boxes.begin(), by_boxes.end(),
                   [](const auto& a, const auto& b) { return a.n_gt > b.n_gt; });
  std::set<datasets::CategoryId> kept;
  for (std::size_t i = 0; i < kMaxCategories; ++i) kept.insert(by_boxes[i].category_id);
  std::erase_if(rows, [&](const auto& row) { return !kept.contains(row.category_id); });
  return rows;
}

std::optional<double> CategoryValue(const metrics::EvalResult& score, const metrics::CategoryRow& wanted) {
  for (const metrics::CategoryRow& row : score.per_category) {
    if (row.category_id == wanted.category_id) return row.mAP;
  }
  return std::nullopt;
}

struct Group {
  std::string label;
  std::vector<std::optional<double>> values;  // One a series.
  bool total = false;                         // Over all categories.
};

std::vector<Group> Groups(const std::vector<Series>& series) {
  std::vector<Group> groups;
  for (const metrics::CategoryRow& row : Categories(series.front())) {
    Group group{row.category, {}, false};
    for (const Series& each : series) group.values.push_back(CategoryValue(*each.score, row));
    groups.push_back(std::move(group));
  }
  Group all{"all", {}, true};
  for (const Series& each : series) all.values.push_back(each.score->stats.AP);
  groups.push_back(std::move(all));
  return groups;
}

std::string Note(const StudyResults& results, const std::vector<Series>& series) {
  const std::size_t combinations = FinishedCombinations(results).size();
  std::string note = results.factors.empty() ? "The best trial" : "The best trial of each combination";
  if (combinations > series.size())
    note = fmt::format("The best trials of {} of {} combinations", series.size(), combinations);
  const std::size_t categories = series.front().score->per_category.size();
  if (categories > kMaxCategories) {
    note += fmt::format("; {} of {} categories, those with the most truth boxes", kMaxCategories, categories);
  }
  return note;
}

void DrawGroup(Svg* svg, const Group& group, const std::vector<Series>& series, const Axes& axes,
               double top) {
  const double height = kBarPitch * static_cast<double>(series.size());
  svg->Text({axes.left - 10, top + height / 2 + 4}, Shortened(group.label, 24),
            {12, "end", kInk, group.total, 0});
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double y = top + kBarPitch * static_cast<double>(i);
    const auto value = group.values[i];
    const double end = value ? axes.At(*value, 0).x : axes.left;
    if (value)
      svg->Rect({axes.left, y + 1}, std::max(0.5, end - axes.left), kBarPitch - 2, series[i].style.color);
    svg->Text({end + 5, y + kBarPitch - 2.5}, MetricText(value), {10, "start", kFaintInk, false, 0});
  }
}

}  // namespace

std::string CategoriesSvg(const StudyResults& results, const std::string& test) {
  const std::vector<Series> series = SeriesOf(results, test);
  if (series.empty()) return "";
  const std::vector<Group> groups = Groups(series);

  std::vector<LegendEntry> legend;
  double label_width = 40;
  double highest = 0.1;
  for (const Series& each : series) legend.push_back({LegendEntry::Kind::kBar, each.style, each.label});
  for (const Group& group : groups) {
    label_width = std::max(label_width, TextWidth(Shortened(group.label, 24), 12));
    for (const auto value : group.values) highest = std::max(highest, value.value_or(0));
  }
  const double top = DrawLegend(nullptr, 58, legend) + 12;
  const double pitch = kBarPitch * static_cast<double>(series.size()) + kGroupGap;
  const double height = pitch * static_cast<double>(groups.size()) + kGroupGap;

  Svg svg(kPlotWidth, top + height + 50, "mAP by category on " + test,
          "Bars of the per-category mAP of the best trial of each combination of variants");
  DrawTitle(&svg, "mAP by category on " + test, Note(results, series));
  DrawLegend(&svg, 58, legend);
  const double left = 20 + label_width + 10;
  const Axes axes{left, top, kPlotWidth - left - 60, height, NiceTicks(0, highest, 6), {0, 1, 1}};
  axes.DrawForRows(&svg, "mAP (IoU 0.50 to 0.95)");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    DrawGroup(&svg, groups[i], series, axes, top + kGroupGap + pitch * static_cast<double>(i));
  }
  return svg.Finish();
}

}  // namespace yoake::reports
