#include "reports/analyses/view_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "reports/number_text.h"

namespace yoake::reports {

std::string NumberFor(Detail detail, std::optional<double> value) {
  return detail == Detail::kReader ? MetricText(value) : ExactText(value);
}

nlohmann::json OrNull(std::optional<double> value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

CategoryLabels LabelsOf(const metrics::EvaluationSet& set) {
  CategoryLabels labels;
  for (const datasets::Category* category : set.categories()) {
    labels.ids.push_back(static_cast<std::int64_t>(category->id));
    labels.names.push_back(category->name);
  }
  return labels;
}

nlohmann::json PerCategoryJson(const CategoryLabels& categories,
                               const std::function<nlohmann::json(std::size_t)>& row_of) {
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t k = 0; k < categories.ids.size(); ++k) {
    nlohmann::json row = row_of(k);
    row["category_id"] = categories.ids[k];
    row["category"] = categories.names[k];
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::size_t> LargestCategories(const metrics::Outcomes& outcomes, std::size_t limit) {
  std::vector<std::size_t> positions(outcomes.categories.size());
  std::iota(positions.begin(), positions.end(), 0);
  if (positions.size() <= limit) return positions;
  std::stable_sort(positions.begin(), positions.end(), [&](std::size_t a, std::size_t b) {
    return outcomes.categories[a].truth_boxes > outcomes.categories[b].truth_boxes;
  });
  positions.resize(limit);
  std::sort(positions.begin(), positions.end());
  return positions;
}

std::string IouText(double iou) { return fmt::format("IoU {}", iou); }

std::string ScoreText(double threshold) { return fmt::format("score >= {:.4g}", threshold); }

}  // namespace yoake::reports
