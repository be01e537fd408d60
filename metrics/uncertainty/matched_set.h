#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "metrics/coco/coco_params.h"
#include "metrics/detections.h"
#include "metrics/matching/evaluation_set.h"
#include "metrics/matching/matching.h"

namespace yoake::metrics {

// One category of a set as a model's detections met it.
struct MatchedSetCategory {
  datasets::CategoryId id{};
  std::string name;
  MatchedCategory matched;
};

// Everything that COCO's twelve columns of a model on a set depend on, for any weights of the images: boxes
// and overlaps are gone, what remains is who is a hit where, in the order of the scores.
struct MatchedSet {
  MatchGrid grid;                              // GridOfColumns().
  std::vector<std::int64_t> images;            // Ids, ascending: what MatchedDetection::image points to.
  std::vector<MatchedSetCategory> categories;  // Ascending ids.
};

// What of a truth is compared, and how: one for all models of a comparison.
struct MatchOptions {
  SetOptions set;     // Its masks are filled in by MatchFile.
  CocoParams params;  // Threads too.
  bool masks = false;
};

// Matches every category; the result does not depend on the number of threads.
MatchedSet MatchCoco(const EvaluationSet& set, const CocoParams& params);

// Boxes by pycocotools' parameters. Errors as EvaluationSet's.
MatchedSet MatchCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                     int threads = 1);

// The detections of a file; errors name it. For masks the truth must have been read with its masks.
MatchedSet MatchFile(const datasets::Dataset& truth, const std::filesystem::path& detections,
                     const MatchOptions& options);

}  // namespace yoake::metrics
