#include "metrics/analyses/outcomes.h"

#include <algorithm>
#include <cstddef>

#include "metrics/matching/matching.h"

namespace yoake::metrics {
namespace {

CategoryOutcomes OutcomesOf(const MatchedCategory& matched) {
  CategoryOutcomes outcomes;
  outcomes.detections.reserve(matched.detections.size());
  for (const MatchedDetection& detection : matched.detections) {
    if ((detection.ignored & 1) != 0) continue;
    outcomes.detections.push_back({detection.score, detection.image, (detection.true_positive & 1) != 0});
  }
  for (std::size_t i = 0; i < matched.truth_images.size(); ++i) {
    const std::uint32_t boxes = matched.truth_counts[i];
    if (boxes > 0) outcomes.truth.push_back({matched.truth_images[i], boxes});
    outcomes.truth_boxes += static_cast<int>(boxes);
  }
  return outcomes;
}

CategoryOutcomes Union(const std::vector<CategoryOutcomes>& categories, std::size_t images) {
  CategoryOutcomes all;
  std::vector<std::uint32_t> boxes(images, 0);
  std::size_t detections = 0;
  for (const CategoryOutcomes& category : categories) detections += category.detections.size();
  all.detections.reserve(detections);
  for (const CategoryOutcomes& category : categories) {
    all.detections.insert(all.detections.end(), category.detections.begin(), category.detections.end());
    all.truth_boxes += category.truth_boxes;
    for (const ImageTruth& truth : category.truth) boxes[truth.image] += truth.boxes;
  }
  std::stable_sort(all.detections.begin(), all.detections.end(),
                   [](const Outcome& a, const Outcome& b) { return a.score > b.score; });
  for (std::uint32_t image = 0; image < images; ++image) {
    if (boxes[image] > 0) all.truth.push_back({image, boxes[image]});
  }
  return all;
}

}  // namespace

Outcomes FindOutcomes(const EvaluationSet& set, double iou, int max_detections) {
  const MatchGrid grid = {{iou}, {CocoAreas().front()}, max_detections};
  CategoryMatcher matcher(set.input(), grid);
  Outcomes outcomes;
  for (std::size_t k = 0; k < set.categories().size(); ++k) {
    outcomes.categories.push_back(OutcomesOf(matcher.Match(k)));
  }
  outcomes.all = Union(outcomes.categories, set.images().size());
  return outcomes;
}

}  // namespace yoake::metrics
