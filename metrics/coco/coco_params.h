#pragma once

#include <string>
#include <vector>

#include "metrics/matching/matching.h"

namespace yoake::metrics {

struct NamedArea {
  std::string name;
  AreaRange range;
};

// COCO's parameters; the defaults are pycocotools'. At most 64 pairs of area and threshold.
struct CocoParams {
  // Ascending, each in (0, 1]. Empty: linspace(.5, .95, 10). What mAP is the mean over.
  std::vector<double> iou_thresholds;

  // Empty: all, small, medium, large. An own list gets "all" in front when it has none. mAP_s/m/l and
  // AR_s/m/l are of the areas of those names and undefined without them; each other name gets columns of its
  // own ("mAP_tiny", "AR_tiny").
  std::vector<NamedArea> areas;

  // Kept per image and category, ascending. AP and AR_s/m/l are taken at the largest. (pycocotools' summarize
  // asks for 100 there whatever the list says, and prints -1 when 100 is not in it.)
  std::vector<int> max_detections = {1, 10, 100};

  bool keep_arrays = true;  // Fill EvalResult::arrays (T*R*K*A*M doubles, twice).
  int threads = 1;          // The result is the same, to the last bit, for any number.

  void Validate() const;  // Throws Error{kConfig}.

  // With every empty list filled in.
  CocoParams Full() const;
};

// What of full parameters the matcher needs.
MatchGrid GridOf(const CocoParams& params);

// What COCO's twelve columns need under any parameters: the thresholds and always the areas all, small,
// medium and large, one that the parameters lack being empty. Throws Error{kConfig} for other areas, which
// have columns of their own.
MatchGrid GridOfColumns(const CocoParams& params);

}  // namespace yoake::metrics
