#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/display_text.h"
#include "core/drawing/axes.h"
#include "core/drawing/plot_style.h"
#include "metrics/coco/eval_result.h"
#include "reports/comparison.h"
#include "reports/comparison_tables.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

using metrics::Comparison;

constexpr std::size_t kMaxRows = 30;
constexpr double kLine = 18;
constexpr double kRowGap = 10;
constexpr double kNumbersWidth = 170;

constexpr SeriesStyle kStyles[kSeriesStyles] = {{"#0072b2", Marker::kCircle},   {"#d55e00", Marker::kSquare},
                                                {"#009e73", Marker::kTriangle}, {"#cc79a7", Marker::kDiamond},
                                                {"#56b4e9", Marker::kCircle},   {"#e69f00", Marker::kSquare}};

SeriesStyle StyleOf(std::size_t series) { return series < kSeriesStyles ? kStyles[series] : SeriesStyle{}; }

struct DifferenceRow {
  std::string label;
  bool whole = false;
  std::vector<const metrics::Difference*> differences;  // [compared models], null where undefined.
};

std::vector<const metrics::ModelResult*> Compared(const Comparison& comparison) {
  std::vector<const metrics::ModelResult*> models;
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    if (m != comparison.baseline) models.push_back(&comparison.models[m]);
  }
  return models;
}

const metrics::Difference* DifferenceOf(const metrics::RowResult& row, std::size_t column) {
  const auto& difference = row.columns[column].difference;
  return difference ? &*difference : nullptr;
}

// The whole set, then the categories; of too many, those with the most boxes.
std::vector<DifferenceRow> RowsOf(const std::vector<const metrics::ModelResult*>& models,
                                  std::size_t column) {
  std::vector<DifferenceRow> rows = {{"all", true, {}}};
  for (const metrics::ModelResult* model : models) {
    rows[0].differences.push_back(DifferenceOf(model->whole, column));
  }
  const std::vector<metrics::RowResult>& categories = models.front()->categories;
  std::vector<int> boxes;
  for (const metrics::RowResult& row : categories) boxes.push_back(row.truth.boxes);
  std::sort(boxes.rbegin(), boxes.rend());
  const int fewest = boxes.size() > kMaxRows ? boxes[kMaxRows - 1] : 1;
  for (std::size_t k = 0; k < categories.size() && rows.size() <= kMaxRows; ++k) {
    if (categories[k].truth.boxes < fewest) continue;
    DifferenceRow row{
        fmt::format("{} ({})", Shortened(categories[k].category, 22), categories[k].truth.boxes), false, {}};
    for (const metrics::ModelResult* model : models) {
      row.differences.push_back(DifferenceOf(model->categories[k], column));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Ticks DifferenceTicks(const std::vector<DifferenceRow>& rows) {
  double low = 0;
  double high = 0;
  for (const DifferenceRow& row : rows) {
    for (const metrics::Difference* difference : row.differences) {
      if (difference == nullptr) continue;
      low = std::min({low, difference->interval.low, difference->delta});
      high = std::max({high, difference->interval.high, difference->delta});
    }
  }
  return NiceTicks(low, high, 7);
}

// A line with a mark: filled when the interval lies clear of 0, hollow within noise.
void DrawDifference(Svg* svg, const Axes& axes, const metrics::Difference& difference, SeriesStyle style,
                    double y) {
  const double low = axes.At(difference.interval.low, 0).x;
  const double high = axes.At(difference.interval.high, 0).x;
  svg->Line({low, y}, {high, y}, {style.color, 2, "", 1});
  for (const double x : {low, high}) svg->Line({x, y - 4}, {x, y + 4}, {style.color, 2, "", 1});
  const std::string numbers = DeltaText(difference.delta) + " (" + IntervalText(difference.interval) + ")";
  svg->Mark(style.marker, {axes.At(difference.delta, 0).x, y}, 4.5, style.color, difference.within_noise(),
            numbers);
  svg->Text({kPlotWidth - kNumbersWidth + 14, y + 4}, numbers, {11, "start", kFaintInk, false, 0});
}

}  // namespace

std::string DifferencesSvg(const Comparison& comparison, const std::string& column_name) {
  const std::size_t column = ColumnByName(column_name);
  const auto models = Compared(comparison);
  if (models.empty()) return "";
  const std::vector<DifferenceRow> rows = RowsOf(models, column);
  const std::string& baseline = comparison.models[comparison.baseline].name;

  std::vector<LegendEntry> legend;
  for (std::size_t i = 0; i < models.size(); ++i) {
    legend.push_back({LegendEntry::Kind::kFilled, StyleOf(i), models[i]->name});
  }
  legend.push_back({LegendEntry::Kind::kHollow, {kFaintInk, Marker::kCircle}, "within noise"});
  double label_width = 40;
  for (const DifferenceRow& row : rows) label_width = std::max(label_width, TextWidth(row.label, 12));

  const std::string title = fmt::format("{} against {}", column_name, baseline);
  const std::string note = fmt::format("Difference and {:g} % interval; number of boxes behind each category",
                                       100 * comparison.options.confidence);
  const double top = DrawLegend(nullptr, 58, legend) + 12;
  const double pitch = kLine * static_cast<double>(models.size()) + kRowGap;
  const double height = pitch * static_cast<double>(rows.size()) + kRowGap;
  Svg svg(kPlotWidth, top + height + 50, title, note);
  DrawTitle(&svg, title, note);
  DrawLegend(&svg, 58, legend);
  const double left = 20 + label_width + 10;
  const Axes axes{left, top, kPlotWidth - left - kNumbersWidth, height, DifferenceTicks(rows), {0, 1, 1}};
  axes.DrawForRows(&svg, column_name + " minus that of " + baseline);
  const double zero = axes.At(0, 0).x;
  svg.Line({zero, top}, {zero, top + height}, {kInk, 1.5, "", 1});
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double row_top = top + kRowGap + pitch * static_cast<double>(r);
    const double middle = row_top + kLine * static_cast<double>(models.size()) / 2;
    svg.Text({left - 10, middle + 4}, rows[r].label, {12, "end", kInk, rows[r].whole, 0});
    for (std::size_t i = 0; i < models.size(); ++i) {
      const double y = row_top + kLine * (static_cast<double>(i) + 0.5);
      if (rows[r].differences[i] != nullptr) {
        DrawDifference(&svg, axes, *rows[r].differences[i], StyleOf(i), y);
      } else {
        svg.Text({axes.At(0, 0).x + 6, y + 4}, "no truth", {11, "start", kFaintInk, false, 0});
      }
    }
  }
  return svg.Finish();
}

}  // namespace yoake::reports
