#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "metrics/bootstrap.h"
#include "metrics/matched_set.h"

namespace yoake::cli {

// What `compare` and `check` read alike.

// The detections of a file matched against the truth; errors name the file.
metrics::MatchedSet MatchFile(const datasets::Dataset& truth, const std::string& detections_file,
                              int threads);

// --cluster-by: empty, each image for itself; "/regex/", by a match in the file name; else a key of the image
// in the truth file.
metrics::ResamplingUnits UnitsFor(const datasets::Dataset& truth, const std::string& truth_file,
                                  const std::string& cluster_by);

}  // namespace yoake::cli
