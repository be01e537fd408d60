#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/analyses/operating_points.h"
#include "metrics/analyses/outcomes.h"

namespace yoake::metrics {

struct ImageScore {
  std::uint32_t image = 0;   // Position in EvaluationSet::images().
  Counts counts;             // At the threshold, all categories together.
  std::optional<double> ap;  // Mean over the categories with truth in this image of their AP in this image
                             // alone, at the outcomes' IoU, whatever the threshold. Undefined without truth.
  int mistakes() const { return counts.false_positives + counts.false_negatives; }
};

// Of every image, ascending, also of those without truth or detections.
std::vector<ImageScore> ScoreImages(const Outcomes& outcomes, std::size_t images, double score_threshold);

// The `count` images with most mistakes (missed and false boxes), the worst first, ties by position; images
// without a mistake are left out.
std::vector<ImageScore> WorstImages(const std::vector<ImageScore>& scores, std::size_t count);

}  // namespace yoake::metrics
