#pragma once

#include <cstdint>
#include <vector>

#include "metrics/matching/evaluation_set.h"

namespace yoake::metrics {

// What became of one detection at one IoU threshold.
struct Outcome {
  double score = 0;
  std::uint32_t image = 0;  // Position in EvaluationSet::images().
  bool true_positive = false;
};

struct ImageTruth {
  std::uint32_t image = 0;
  std::uint32_t boxes = 0;
};

// The detections of one category that count, by falling score: neither those beyond the limit per image nor
// those that found a crowd. COCO's matching is greedy by score, so the detections at or above any threshold
// were matched as if the others had never been given: one list answers for every threshold.
struct CategoryOutcomes {
  std::vector<Outcome> detections;
  std::vector<ImageTruth> truth;  // Images with truth that counts (no crowds), ascending.
  int truth_boxes = 0;
};

struct Outcomes {
  std::vector<CategoryOutcomes> categories;  // As EvaluationSet::categories().
  CategoryOutcomes all;                      // Their union: every score compared with every other.
};

// Matches at one IoU threshold, all areas; the best `max_detections` of each image and category take part.
Outcomes FindOutcomes(const EvaluationSet& set, double iou, int max_detections = 100);

}  // namespace yoake::metrics
