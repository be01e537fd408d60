#include "metrics/matched_set.h"

#include <algorithm>
#include <cstddef>
#include <memory>

#include "core/parallel.h"
#include "metrics/evaluation_set.h"

namespace yoake::metrics {

MatchGrid CocoGrid() {
  std::vector<double> thresholds(10);  // np.linspace(.5, .95, 10)
  for (std::size_t i = 0; i < 10; ++i) thresholds[i] = static_cast<double>(i) * ((.95 - .5) / 9) + .5;
  thresholds.back() = .95;
  return {thresholds, CocoAreas(), 100};
}

MatchedSet MatchCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections, int threads) {
  const EvaluationSet set(truth, detections);
  const MatchGrid grid = CocoGrid();
  MatchedSet result;
  for (std::size_t i = 0; i < set.images().size(); ++i) result.images.push_back(set.images().id(i));
  result.categories.resize(set.categories().size());
  ParallelFor(result.categories.size(), threads, [&](std::size_t k) {
    MatchedSetCategory& category = result.categories[k];
    category.id = set.categories()[k]->id;
    category.name = set.categories()[k]->name;
    category.matched = CategoryMatcher(set.input(), grid).Match(k);
    for (const std::uint32_t index : set.input().truth_groups.Category(k)) {
      category.boxes += truth.annotations[index].crowd ? 0 : 1;
    }
  });
  return result;
}

}  // namespace yoake::metrics
