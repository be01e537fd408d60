#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>

#include "datasets/dataset.h"
#include "metrics/uncertainty/matched_set.h"

namespace yoake::metrics {

// What a regression gate measures against, as a file that is small enough to be committed. Three kinds, told
// apart by their first character and keys:
//   [ ... ]                     a COCO results file: matched anew, paired;
//   {"yoake_baseline": 1, ...}  the matching of a model against one truth, as WriteBaseline writes it:
//   paired;
//   {"stats": ..., "per_category": ...} (yoake eval --json) or {"mAP": 0.41, "person.mAP": 0.5}: plain
//                               numbers, nothing to pair: floors.

// Values by name as MetricByName takes them: "mAP", "person.mAP_50".
using Floors = std::map<std::string, double>;

using Baseline = std::variant<MatchedSet, Floors>;

// Throws Error{kData} for another kind of file and for a matching against another truth than this one or with
// other options.
Baseline ReadBaseline(const std::filesystem::path& file, const datasets::Dataset& truth,
                      const MatchOptions& options = {});

// Only what re-weighting needs: per category, in the order of the scores, which image a detection is of and
// where it is a true positive or ignored. Detections after the last true positive change nothing and are left
// out. About 3 bytes a detection, on lines that a version control system compares by category. Atomic.
void WriteBaseline(const std::filesystem::path& file, const MatchedSet& matched,
                   const datasets::Dataset& truth, const MatchOptions& options = {});

// True when the file is a COCO results file, which WriteBaseline should not replace; false when there is
// none.
bool IsDetectionsFile(const std::filesystem::path& file);

}  // namespace yoake::metrics
