#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "metrics/analyses/detection_faults.h"
#include "metrics/analyses/image_overlaps.h"

namespace yoake::metrics {

// Why AP is not 1: how much AP at `iou` would rise (TIDE's dAP) were all faults of one kind mended and no
// other touched: the best detection of each fault moves to its truth (classification, localisation), the rest
// goes away (both, duplicate, background), missed truth is taken off the count.
struct ErrorEffects {
  std::optional<double> ap;                                    // As it is.
  std::array<int, kDetectionFaults> counts{};                  // By DetectionFault.
  std::array<std::optional<double>, kDetectionFaults> gain{};  // AP mended minus AP; >= 0 over all.
  std::optional<double> gain_no_false_positives;               // All detections without truth gone.
  std::optional<double> gain_no_false_negatives;               // All truth without a detection gone.
};

struct ErrorBreakdown {
  ErrorEffects all;                      // AP as the mean over the categories.
  std::vector<ErrorEffects> categories;  // Counts by the detection's category, missed by the truth's.
};

// Agrees with the reference implementation (dbolya/tide 1.0.1), counts always, gains but for three rules of
// COCO's evaluation that it does not keep: a category without truth is out of the mean (there it counts 0),
// recall is read at linspace(0, 1, 101) (there at i / 100, another double for some i), and equal scores keep
// one order throughout (there mended detections come first). As there, a detection in a crowd is neither a
// true nor a false positive but a fault; a category that mending leaves without truth counts 0, or nothing
// when it has no detections either. `overlaps` must hold everything from background_iou up.
ErrorBreakdown BreakDownErrors(const ImageOverlaps& overlaps, const ErrorOptions& options = {});

}  // namespace yoake::metrics
