#pragma once

#include "trainer/assign/assigner.h"

namespace yoake::trainer {

// SimOTA as Megvii's YOLOXHead.get_assignments has it (yolox/models/yolo_head.py; Ge et al. 2021,
// section 2.1):
// - candidates: cells whose centre lies within center_radius strides of some target's centre (no in-box
// test);
// - cost = BCE(one-hot, sqrt(p_cls * p_obj)) - iou_weight * log(iou + 1e-8), + 1e6 for a candidate of others;
// - each target takes its k cheapest candidates, k = the whole part of the sum of its candidate_topk best
// IoUs over
//   all candidates of the image, at least 1 and at most as many as there are;
// - a candidate taken twice goes to the target with the lowest cost of all targets.
class SimOta : public Assigner {
 public:
  explicit SimOta(const AssignerConfig& config);
  Assignment Assign(const AssignInput& input, const std::vector<AnchorPoint>& points) const override;

 private:
  AssignerConfig config_;
};

}  // namespace yoake::trainer
