#include "metrics/analyses/image_scores.h"

#include <algorithm>
#include <cstddef>

#include "metrics/analyses/average_precision.h"

namespace yoake::metrics {
namespace {

// The detections of one category, image by image, each image's by falling score.
std::vector<Outcome> ByImage(const CategoryOutcomes& category) {
  std::vector<Outcome> sorted = category.detections;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Outcome& a, const Outcome& b) { return a.image < b.image; });
  return sorted;
}

// Adds to each image with truth the AP of the category there.
void AddPrecisions(const CategoryOutcomes& category, std::vector<double>* sums,
                   std::vector<int>* categories) {
  const std::vector<Outcome> detections = ByImage(category);
  std::vector<bool> true_positives;
  auto next = detections.begin();
  for (const ImageTruth& truth : category.truth) {
    true_positives.clear();
    while (next != detections.end() && next->image < truth.image) ++next;
    for (; next != detections.end() && next->image == truth.image; ++next) {
      true_positives.push_back(next->true_positive);
    }
    (*sums)[truth.image] += AveragePrecision(true_positives, static_cast<int>(truth.boxes));
    ++(*categories)[truth.image];
  }
}

}  // namespace

std::vector<ImageScore> ScoreImages(const Outcomes& outcomes, std::size_t images, double score_threshold) {
  std::vector<ImageScore> scores(images);
  std::vector<double> sums(images, 0);
  std::vector<int> categories(images, 0);
  for (const CategoryOutcomes& category : outcomes.categories) AddPrecisions(category, &sums, &categories);
  for (std::uint32_t image = 0; image < images; ++image) {
    scores[image].image = image;
    if (categories[image] > 0) scores[image].ap = sums[image] / categories[image];
  }
  for (const ImageTruth& truth : outcomes.all.truth) {
    scores[truth.image].counts.false_negatives = static_cast<int>(truth.boxes);
  }
  for (const Outcome& outcome : outcomes.all.detections) {
    if (outcome.score < score_threshold) break;
    scores[outcome.image].counts.Add(outcome);
  }
  return scores;
}

std::vector<ImageScore> WorstImages(const std::vector<ImageScore>& scores, std::size_t count) {
  std::vector<ImageScore> worst;
  for (const ImageScore& score : scores) {
    if (score.mistakes() > 0) worst.push_back(score);
  }
  std::stable_sort(worst.begin(), worst.end(),
                   [](const ImageScore& a, const ImageScore& b) { return a.mistakes() > b.mistakes(); });
  if (worst.size() > count) worst.resize(count);
  return worst;
}

}  // namespace yoake::metrics
