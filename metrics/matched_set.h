#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "metrics/detections.h"
#include "metrics/matching.h"

namespace yoake::metrics {

// One category of a set as a model's detections met it.
struct MatchedSetCategory {
  datasets::CategoryId id{};
  std::string name;
  int boxes = 0;  // Truth boxes that count (crowds do not).
  MatchedCategory matched;
};

// Everything that COCO's twelve columns of a model on a set depend on, for any weights of the images: boxes
// and overlaps are gone, what remains is who is a hit where, in the order of the scores.
struct MatchedSet {
  std::vector<std::int64_t> images;            // Ids, ascending: what MatchedDetection::image points to.
  std::vector<MatchedSetCategory> categories;  // Ascending ids.
};

// The grid behind the twelve columns: COCO's four areas and ten thresholds, 100 detections.
MatchGrid CocoGrid();

// Matches every category on up to `threads` threads; the result does not depend on them. Errors as
// EvaluationSet's.
MatchedSet MatchCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                     int threads = 1);

}  // namespace yoake::metrics
