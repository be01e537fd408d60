#pragma once

#include <cstddef>
#include <optional>

#include "metrics/analyses/image_overlaps.h"
#include "metrics/analyses/operating_points.h"
#include "metrics/analyses/outcomes.h"
#include "metrics/matching/evaluation_set.h"

namespace yoake::metrics {

struct AnalysisOptions {
  double iou = .5;             // From this overlap on a detection finds a truth box; (0, 1].
  double background_iou = .1;  // Up to this overlap it lies on background (error breakdown); (0, iou].
  // What an application would keep: counts, confusion and image scores are taken there. Absent: the
  // threshold with the best F over all categories.
  std::optional<double> score_threshold;
  double beta = 1;            // Of the F measure, > 0: above 1 recall weighs more.
  int calibration_bins = 10;  // At least 1.
  int histogram_bins = 20;    // At least 1.
  std::size_t worst_images = 10;
  int max_detections = 100;  // Of each image and category, as in COCO's evaluation; at least 1.

  void Validate() const;  // Throws Error{kConfig} that names field and range.
};

// What the analyses of one evaluation share, each part computed when it is first asked for. Borrows the set.
// Not thread-safe.
class AnalysisInput {
 public:
  AnalysisInput(const EvaluationSet& set, const AnalysisOptions& options);  // Validates the options.

  const EvaluationSet& set() const { return set_; }
  const AnalysisOptions& options() const { return options_; }

  const Outcomes& outcomes() const;
  const ImageOverlaps& overlaps() const;

  // Of all categories together: the options', else that of the best point, else (nothing is ever found) the
  // lowest score given.
  double score_threshold() const;

 private:
  const EvaluationSet& set_;
  AnalysisOptions options_;
  mutable std::optional<Outcomes> outcomes_;
  mutable std::optional<ImageOverlaps> overlaps_;
  mutable std::optional<double> score_threshold_;
};

}  // namespace yoake::metrics
