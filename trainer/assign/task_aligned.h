#pragma once

#include "trainer/assign/assigner.h"

namespace yoake::trainer {

// Feng et al. 2021 (TOOD), section 3.2, as mmdetection's TaskAlignedAssigner: anchors whose centre lies in a
// target's box are ranked by s^alpha * u^beta, s the score of the target's class (class times objectness
// here), u the IoU; each target takes its `topk` best; an anchor taken twice goes to the target it overlaps
// more.
class TaskAligned : public Assigner {
 public:
  explicit TaskAligned(const AssignerConfig& config);
  Assignment Assign(const AssignInput& input, const std::vector<AnchorPoint>& points) const override;

 private:
  AssignerConfig config_;
};

}  // namespace yoake::trainer
