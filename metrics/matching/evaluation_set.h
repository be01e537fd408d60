#pragma once

#include <vector>

#include "datasets/dataset.h"
#include "metrics/detections.h"
#include "metrics/matching/grouping.h"
#include "metrics/matching/matching.h"

namespace yoake::metrics {

// What of a set is compared. The defaults are pycocotools'.
struct SetOptions {
  // Given: masks are compared instead of boxes (segm); the truth must have been read with its masks.
  const DetectionMasks* masks = nullptr;
  // Only these images and categories; empty: all (params.imgIds, params.catIds). Detections of others are
  // left out in silence. Mind that a category without truth in the images left has no AP and drops out of
  // the means: choose images by what you want to know, never by which of them have detections.
  std::vector<datasets::ImageId> images;
  std::vector<datasets::CategoryId> categories;
  // Every category is taken for one, named "all", of id -1 (params.useCats = 0). Detections of categories
  // that the truth does not have are left out all the same.
  bool class_agnostic = false;
  Corrections corrections;
  int threads = 1;
};

// Truth and detections with their ids looked up and grouped: what every evaluation and analysis starts from.
// Borrows both, and the masks; none may change or go away before it.
class EvaluationSet {
 public:
  // Throws Error{kData} for a detection of an image that the truth does not have and for a score or box that
  // is not finite, Error{kUsage} for a chosen image or category that the truth does not have. Detections of
  // unknown categories belong to no group (the reference drops them).
  EvaluationSet(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                const SetOptions& options = {});

  EvaluationSet(const EvaluationSet&) = delete;
  EvaluationSet& operator=(const EvaluationSet&) = delete;

  // By ascending id: what a category's or an image's position means everywhere in this room.
  const std::vector<const datasets::Category*>& categories() const { return categories_; }
  const IdIndex& images() const { return images_; }

  const MatchInput& input() const { return input_; }

 private:
  void TakeAllCategoriesForOne();

  datasets::Category everything_{datasets::CategoryId{-1}, "all", ""};
  IdIndex images_;
  IdIndex category_ids_;
  std::vector<const datasets::Category*> categories_;
  std::vector<CellKey> truth_keys_;
  std::vector<CellKey> detection_keys_;
  CellGroups truth_groups_;
  CellGroups detection_groups_;
  MatchInput input_;
};

}  // namespace yoake::metrics
