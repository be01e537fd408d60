#pragma once

#include <string>

#include "cli/eval_options.h"
#include "datasets/dataset.h"
#include "metrics/uncertainty/comparison.h"
#include "metrics/uncertainty/matched_set.h"

namespace yoake::cli {

// What `compare` and `check` let one choose alike.
struct ComparedOptions : MatchingOptions {
  std::string truth, cluster_by;
  metrics::BootstrapOptions bootstrap;  // Its threads are those of the matching.
};

void AddComparedOptions(CLI::App* command, ComparedOptions* options);

// How every file is matched. Refuses, before any file is read, parameters that a comparison has no columns
// for.
void CheckParams(const ComparedOptions& options);
metrics::MatchOptions HowToMatch(const ComparedOptions& options, const datasets::Dataset& truth);

// What is resampled of the images that take part. --cluster-by: empty, each image for itself; "/regex/", by a
// match in the file name; else a key of the image in the truth file.
metrics::ResamplingUnits UnitsFor(const ComparedOptions& options, const datasets::Dataset& truth,
                                  const metrics::MatchedSet& matched);

}  // namespace yoake::cli
