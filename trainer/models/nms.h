#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace yoake::trainer {

// A detection that survived: corners in input pixels, score = objectness * class confidence.
struct Kept {
  float x1;
  float y1;
  float x2;
  float y2;
  float score;
  int label;
};

// Megvii's postprocess() (yolox/utils/boxes.py) for one image: every anchor speaks for its best class, is
// dropped below `conf` (score >= conf stays) or where its box is not finite, then greedy NMS drops what
// overlaps a better box by IoU > nms_iou, per class unless `class_agnostic`. Sorted by falling score (ties:
// lower anchor first), at most `max_detections` (0: all). decoded: [A, 5+nc] as Decode returns it, any
// device.
std::vector<Kept> Postprocess(const at::Tensor& decoded, double conf, double nms_iou, int max_detections,
                              bool class_agnostic = false);

}  // namespace yoake::trainer
