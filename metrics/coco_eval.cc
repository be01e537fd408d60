#include "metrics/coco_eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/error.h"
#include "metrics/accumulate.h"
#include "metrics/eval_warnings.h"
#include "metrics/evaluation_set.h"
#include "metrics/matching.h"
#include "metrics/summary.h"

namespace yoake::metrics {
namespace {

// np.linspace(.5, .95, 10)
std::vector<double> CocoIouThresholds() {
  std::vector<double> thresholds(10);
  for (std::size_t i = 0; i < 10; ++i) thresholds[i] = static_cast<double>(i) * ((.95 - .5) / 9) + .5;
  thresholds.back() = .95;
  return thresholds;
}

CocoArrays EmptyArrays(const MatchGrid& grid, std::size_t recalls, std::size_t categories,
                       std::size_t limits) {
  CocoArrays arrays;
  arrays.thresholds = grid.thresholds();
  arrays.recalls = static_cast<int>(recalls);
  arrays.categories = static_cast<int>(categories);
  arrays.areas = static_cast<int>(grid.areas.size());
  arrays.max_detections = static_cast<int>(limits);
  const std::size_t cells = grid.iou_thresholds.size() * categories * grid.areas.size() * limits;
  arrays.precision.resize(cells * recalls);
  arrays.scores.resize(cells * recalls);
  arrays.recall.resize(cells);
  return arrays;
}

// Lays a category's [outer, A, M] array into the whole [outer, K, A, M] one.
void Place(const std::vector<double>& part, std::size_t category, std::size_t categories, std::size_t inner,
           std::vector<double>* whole) {
  for (std::size_t outer = 0; outer * inner < part.size(); ++outer) {
    std::copy_n(&part[outer * inner], inner, &(*whole)[(outer * categories + category) * inner]);
  }
}

}  // namespace

void CocoParams::Validate() const {
  const auto require = [](bool fine, const std::string& message) {
    if (!fine) throw Error(ErrorKind::kConfig, message);
  };
  require(iou_thresholds.size() <= 16, "iou_thresholds: at most 16");
  for (std::size_t i = 0; i < iou_thresholds.size(); ++i) {
    require(iou_thresholds[i] > 0 && iou_thresholds[i] <= 1 &&
                (i == 0 || iou_thresholds[i - 1] < iou_thresholds[i]),
            fmt::format("iou_thresholds: expected ascending numbers in (0, 1], got {} at [{}]",
                        iou_thresholds[i], i));
  }
  require(!max_detections.empty(), "max_detections: at least one number");
  for (std::size_t i = 0; i < max_detections.size(); ++i) {
    require(max_detections[i] >= 1 && (i == 0 || max_detections[i - 1] < max_detections[i]),
            fmt::format("max_detections: expected ascending numbers from 1, got {} at [{}]",
                        max_detections[i], i));
  }
}

EvalResult EvaluateCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                        const CocoParams& params) {
  params.Validate();
  const MatchGrid grid = {params.iou_thresholds.empty() ? CocoIouThresholds() : params.iou_thresholds,
                          CocoAreas(), params.max_detections.back()};
  const std::vector<double> recalls = CocoRecallThresholds();
  const EvaluationSet set(truth, detections);
  const MatchInput& input = set.input();
  const auto& categories = set.categories();

  EvalResult result;
  if (params.keep_arrays) {
    result.arrays = EmptyArrays(grid, recalls.size(), categories.size(), params.max_detections.size());
  }
  const std::size_t inner = grid.areas.size() * params.max_detections.size();
  CategoryMatcher matcher(input, grid);
  std::vector<MatchedCategory> matched;
  ColumnMeans overall;
  for (std::size_t k = 0; k < categories.size(); ++k) {
    matched.push_back(matcher.Match(k));
    const CategoryCurves curves = Accumulate(matched[k], grid, recalls, params.max_detections);
    if (params.keep_arrays) {
      Place(curves.precision, k, categories.size(), inner, &result.arrays.precision);
      Place(curves.scores, k, categories.size(), inner, &result.arrays.scores);
      Place(curves.recall, k, categories.size(), inner, &result.arrays.recall);
    }
    const ColumnMeans means = Summarize(curves, grid, recalls.size(), params.max_detections);
    for (std::size_t column = 0; column < means.size(); ++column) overall[column].Add(means[column]);
    CategoryRow row;
    row.category_id = categories[k]->id;
    row.category = categories[k]->name;
    row.n_dt = matched[k].given;
    for (const std::uint32_t index : input.truth_groups.Category(k)) {
      ++(truth.annotations[index].crowd ? row.n_crowd : row.n_gt);
    }
    SetColumns(means, &row);
    result.per_category.push_back(std::move(row));
  }
  SetColumns(overall, &result.stats);
  result.warnings = EvaluationWarnings(input, categories, matched, grid.max_detections);
  return result;
}

}  // namespace yoake::metrics
