#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "metrics/analyses/analysis_input.h"
#include "reports/analyses/analysis_view.h"

namespace yoake::reports {

// Three decimals or full precision; "nan" when undefined.
std::string NumberFor(Detail detail, std::optional<double> value);

nlohmann::json OrNull(std::optional<double> value);

// What categories are called, by position.
struct CategoryLabels {
  std::vector<std::int64_t> ids;
  std::vector<std::string> names;
};

CategoryLabels LabelsOf(const metrics::EvaluationSet& set);

// [{"category_id", "category", ...}] by position, the rest from `row_of(position)`.
nlohmann::json PerCategoryJson(const CategoryLabels& categories,
                               const std::function<nlohmann::json(std::size_t)>& row_of);

// The positions of the (at most) `limit` categories with the most truth boxes, ascending; ties to the lower
// position.
std::vector<std::size_t> LargestCategories(const metrics::Outcomes& outcomes, std::size_t limit);

// "IoU 0.5" and "score >= 0.437": how titles name a threshold.
std::string IouText(double iou);
std::string ScoreText(double threshold);

}  // namespace yoake::reports
