#pragma once

#include <vector>

#include "datasets/dataset.h"
#include "metrics/detections.h"
#include "metrics/grouping.h"
#include "metrics/matching.h"

namespace yoake::metrics {

// Truth and detections with their ids looked up and grouped: what every evaluation and analysis starts from.
// Borrows both; neither may change or go away before it.
class EvaluationSet {
 public:
  // Throws Error{kData} for a detection of an image that the truth does not have and for a score or box that
  // is not finite. Detections of unknown categories belong to no group (the reference drops them).
  EvaluationSet(const datasets::Dataset& truth, const std::vector<Detection>& detections);

  EvaluationSet(const EvaluationSet&) = delete;
  EvaluationSet& operator=(const EvaluationSet&) = delete;

  // By ascending id: what a category's or an image's position means everywhere in this room.
  const std::vector<const datasets::Category*>& categories() const { return categories_; }
  const IdIndex& images() const { return images_; }

  const MatchInput& input() const { return input_; }

 private:
  std::vector<const datasets::Category*> categories_;
  IdIndex images_;
  std::vector<CellKey> truth_keys_;
  std::vector<CellKey> detection_keys_;
  CellGroups truth_groups_;
  CellGroups detection_groups_;
  MatchInput input_;
};

}  // namespace yoake::metrics
