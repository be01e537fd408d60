#pragma once

#include <cstddef>
#include <vector>

#include "metrics/analyses/image_overlaps.h"

namespace yoake::metrics {

// Counts of pairs (true category, predicted category), positions as in EvaluationSet::categories(). One
// further row holds detections of nothing (background), one further column truth that nothing found (missed).
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::size_t categories)
      : categories_(categories), counts_((categories + 1) * (categories + 1), 0) {}

  std::size_t categories() const { return categories_; }
  std::size_t background() const { return categories_; }  // Row of background, column of missed.

  int At(std::size_t truth, std::size_t predicted) const {
    return counts_[truth * (categories_ + 1) + predicted];
  }
  void Add(std::size_t truth, std::size_t predicted) { ++counts_[truth * (categories_ + 1) + predicted]; }

  int TruthBoxes(std::size_t truth) const;  // The sum of a row.

 private:
  std::size_t categories_;
  std::vector<int> counts_;
};

// The detections with score >= `score_threshold` of an image, from the highest score down, each take the free
// truth box they overlap most and by at least `iou` (not below the overlaps' lowest_iou), whatever its
// category; among equal overlaps first one of their own category, then the later one. What finds only
// uncounted truth (a crowd) of its own category is not counted; such truth is never missed. With one category
// these are COCO's counts.
//
// Matching by score is what COCO, fiftyone (classwise=False) and hotcoco do. ultralytics pairs by falling IoU
// regardless of score, at IoU > .45 and score > .25: its matrix differs where detections compete for a box.
ConfusionMatrix FindConfusion(const ImageOverlaps& overlaps, double iou, double score_threshold);

struct Mistake {
  std::size_t truth = 0;
  std::size_t predicted = 0;
  int count = 0;
};

// The pairs of two different categories, neither background, that occur; most frequent first, then by
// position.
std::vector<Mistake> MixedUpCategories(const ConfusionMatrix& matrix);

}  // namespace yoake::metrics
