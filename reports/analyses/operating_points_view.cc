#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "metrics/analyses/operating_points.h"
#include "reports/analyses/analysis_view.h"
#include "reports/analyses/operating_point_plots.h"
#include "reports/analyses/view_parts.h"

namespace yoake::reports {
namespace {

using metrics::Counts;
using metrics::OperatingPoint;

// One category, or all of them together.
struct CategoryPoints {
  std::string name;
  int truth_boxes = 0;
  std::optional<OperatingPoint> best;
  Counts counts;  // At the common threshold.
};

class OperatingPointsView : public AnalysisView {
 public:
  explicit OperatingPointsView(const metrics::AnalysisInput& input)
      : categories_(LabelsOf(input.set())), options_(input.options()), threshold_(input.score_threshold()) {
    const metrics::Outcomes& outcomes = input.outcomes();
    const auto plotted = LargestCategories(outcomes, kSeriesStyles);
    for (std::size_t k = 0; k < categories_.names.size(); ++k) {
      auto curve = AddRow(categories_.names[k], outcomes.categories[k]);
      if (std::find(plotted.begin(), plotted.end(), k) != plotted.end()) curves_.push_back(std::move(curve));
    }
    curves_.push_back(AddRow("all", outcomes.all));
  }

  std::vector<NamedTable> Tables(Detail detail) const override {
    return {CommonTable(detail), BestTable(detail)};
  }

  nlohmann::json Json() const override {
    nlohmann::json json = {{"iou", options_.iou},
                           {"beta", options_.beta},
                           {"score_threshold", threshold_},
                           {"all", RowJson(rows_.back())},
                           {"mean", MeanJson()}};
    json["per_category"] = PerCategoryJson(categories_, [&](std::size_t k) { return RowJson(rows_[k]); });
    return json;
  }

  std::vector<Picture> Pictures() const override {
    return {{"precision_recall", PrecisionRecallSvg(curves_, options_)},
            {"f_by_threshold", FByThresholdSvg(curves_, options_)}};
  }

 private:
  OperatingPointCurve AddRow(const std::string& name, const metrics::CategoryOutcomes& outcomes) {
    OperatingPointCurve curve = {name, OperatingPoints(outcomes)};
    rows_.push_back(
        {name, outcomes.truth_boxes, BestPoint(curve.points, options_.beta), CountsAt(outcomes, threshold_)});
    return curve;
  }

  std::string FName() const { return fmt::format("F{}", options_.beta); }

  std::vector<Cell> CountCells(const Counts& counts, Detail detail) const {
    return {NumberFor(detail, counts.Precision()),      NumberFor(detail, counts.Recall()),
            NumberFor(detail, counts.F(options_.beta)), std::to_string(counts.true_positives),
            std::to_string(counts.false_positives),     std::to_string(counts.false_negatives)};
  }

  std::vector<Column> Columns(std::vector<Column> first) const {
    for (const std::string& title : {std::string("precision"), std::string("recall"), FName(),
                                     std::string("TP"), std::string("FP"), std::string("FN")}) {
      first.push_back({title});
    }
    return first;
  }

  NamedTable CommonTable(Detail detail) const {
    NamedTable named = {"operating_points",
                        fmt::format("Precision, recall and {} at {}, {}", FName(), IouText(options_.iou),
                                    ScoreText(threshold_)),
                        options_.score_threshold ? "" : "The threshold is the best one over all categories.",
                        {}};
    named.table.columns = Columns({{"category", Align::kLeft}, {"n_gt"}});
    for (const CategoryPoints& row : rows_) {
      std::vector<Cell> cells = {row.name, std::to_string(row.truth_boxes)};
      for (Cell& cell : CountCells(row.counts, detail)) cells.push_back(std::move(cell));
      named.table.rows.push_back(std::move(cells));
    }
    std::vector<Cell> mean = {"mean", ""};
    for (const auto& value : Means()) mean.push_back(NumberFor(detail, value));
    named.table.rows.push_back(std::move(mean));
    return named;
  }

  NamedTable BestTable(Detail detail) const {
    NamedTable named = {
        "best_thresholds",
        fmt::format("The threshold with the best {} of each category", FName()),
        "Real operating points, one for each score given; a detection counts when its score is at "
        "least the threshold.",
        {}};
    named.table.columns = Columns({{"category", Align::kLeft}, {"threshold"}});
    for (const CategoryPoints& row : rows_) {
      std::vector<Cell> cells = {row.name};
      if (row.best) {
        cells.push_back(NumberFor(detail, row.best->threshold));
        for (Cell& cell : CountCells(row.best->counts, detail)) cells.push_back(std::move(cell));
      } else {
        cells.push_back(NumberFor(detail, std::nullopt));
      }
      named.table.rows.push_back(std::move(cells));
    }
    return named;
  }

  // Precision, recall and F, each the mean over the categories with truth (undefined precision counts 0), as
  // ultralytics prints them.
  std::array<std::optional<double>, 3> Means() const {
    std::array<double, 3> sums{};
    int categories = 0;
    for (std::size_t k = 0; k + 1 < rows_.size(); ++k) {
      const Counts& counts = rows_[k].counts;
      if (rows_[k].truth_boxes == 0) continue;
      ++categories;
      sums[0] += counts.Precision().value_or(0);
      sums[1] += counts.Recall().value_or(0);
      sums[2] += counts.F(options_.beta).value_or(0);
    }
    if (categories == 0) return {};
    return {sums[0] / categories, sums[1] / categories, sums[2] / categories};
  }

  nlohmann::json MeanJson() const {
    const auto means = Means();
    return {{"precision", OrNull(means[0])}, {"recall", OrNull(means[1])}, {"f", OrNull(means[2])}};
  }

  nlohmann::json CountsJson(const Counts& counts) const {
    return {{"precision", OrNull(counts.Precision())},   {"recall", OrNull(counts.Recall())},
            {"f", OrNull(counts.F(options_.beta))},      {"true_positives", counts.true_positives},
            {"false_positives", counts.false_positives}, {"false_negatives", counts.false_negatives}};
  }

  nlohmann::json RowJson(const CategoryPoints& row) const {
    nlohmann::json json = CountsJson(row.counts);
    json["n_gt"] = row.truth_boxes;
    json["best"] = nullptr;
    if (row.best) {
      json["best"] = CountsJson(row.best->counts);
      json["best"]["score_threshold"] = row.best->threshold;
    }
    return json;
  }

  CategoryLabels categories_;
  metrics::AnalysisOptions options_;
  double threshold_;
  std::vector<CategoryPoints> rows_;         // By category, then all.
  std::vector<OperatingPointCurve> curves_;  // For the pictures: the largest categories, then all.
};

}  // namespace

std::unique_ptr<AnalysisView> MakeOperatingPointsView(const metrics::AnalysisInput& input) {
  return std::make_unique<OperatingPointsView>(input);
}

}  // namespace yoake::reports
