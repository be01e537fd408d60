#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "metrics/analyses/score_bins.h"
#include "reports/analyses/analysis_view.h"
#include "reports/analyses/view_parts.h"

namespace yoake::reports {
namespace {

using metrics::ScoreBin;

constexpr std::size_t kHistogramCategories = 5;

class ScoresView : public AnalysisView {
 public:
  explicit ScoresView(const metrics::AnalysisInput& input)
      : categories_(LabelsOf(input.set())),
        iou_(input.options().iou),
        largest_(LargestCategories(input.outcomes(), kHistogramCategories)) {
    const metrics::CategoryOutcomes& all = input.outcomes().all;
    const int count = input.options().histogram_bins;
    // One range for all: [0, 1], wider when scores lie outside.
    const double high = all.detections.empty() ? 1 : std::max(1.0, all.detections.front().score);
    const double low = all.detections.empty() ? 0 : std::min(0.0, all.detections.back().score);
    const std::vector<std::string>& names = categories_.names;
    for (std::size_t k = 0; k < names.size(); ++k) {
      rows_.push_back({names[k], EqualWidthBins(input.outcomes().categories[k], low, high, count)});
    }
    rows_.push_back({"all", EqualWidthBins(all, low, high, count)});
  }

  std::vector<NamedTable> Tables(Detail detail) const override {
    std::vector<const Row*> shown;
    for (std::size_t k = 0; k + 1 < rows_.size(); ++k) {
      const bool large = std::find(largest_.begin(), largest_.end(), k) != largest_.end();
      if (large || detail == Detail::kMachine) shown.push_back(&rows_[k]);
    }
    shown.push_back(&rows_.back());
    NamedTable named = {
        "scores", fmt::format("Scores of true and false positives at {}", IouText(iou_)), "", {}};
    if (shown.size() < rows_.size()) {
      named.note = fmt::format("{} of {} categories, those with the most truth boxes.", kHistogramCategories,
                               rows_.size() - 1);
    }
    named.table.columns = {{"from"}, {"to"}};
    for (const Row* row : shown) {
      named.table.columns.push_back({row->name + " TP"});
      named.table.columns.push_back({row->name + " FP"});
    }
    for (std::size_t i = 0; i < rows_.back().bins.size(); ++i) {
      const ScoreBin& range = rows_.back().bins[i];
      std::vector<Cell> cells = {NumberFor(detail, range.low), NumberFor(detail, range.high)};
      for (const Row* row : shown) {
        cells.push_back(std::to_string(row->bins[i].true_positives));
        cells.push_back(std::to_string(row->bins[i].false_positives));
      }
      named.table.rows.push_back(std::move(cells));
    }
    return {std::move(named)};
  }

  nlohmann::json Json() const override {
    nlohmann::json json = {{"iou", iou_}, {"all", CountsJson(rows_.back().bins)}};
    for (const ScoreBin& bin : rows_.back().bins) json["edges"].push_back(bin.low);
    json["edges"].push_back(rows_.back().bins.back().high);
    json["per_category"] =
        PerCategoryJson(categories_, [&](std::size_t k) { return CountsJson(rows_[k].bins); });
    return json;
  }

 private:
  struct Row {
    std::string name;
    std::vector<ScoreBin> bins;
  };

  static nlohmann::json CountsJson(const std::vector<ScoreBin>& bins) {
    nlohmann::json json;
    for (const ScoreBin& bin : bins) {
      json["true_positives"].push_back(bin.true_positives);
      json["false_positives"].push_back(bin.false_positives);
    }
    return json;
  }

  CategoryLabels categories_;
  double iou_;
  std::vector<std::size_t> largest_;  // Shown to readers.
  std::vector<Row> rows_;             // By category, then all.
};

}  // namespace

std::unique_ptr<AnalysisView> MakeScoresView(const metrics::AnalysisInput& input) {
  return std::make_unique<ScoresView>(input);
}

}  // namespace yoake::reports
