#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "trainer/config/train_config.h"
#include "trainer/models/decode.h"

namespace yoake::trainer {

// One image as the assigner sees it: plain memory on the CPU, owned by the caller.
struct AssignInput {
  const float* boxes;  // [A, 4] predicted cx, cy, w, h in input pixels.
  const float*
      logits;  // [A, 1+nc] objectness and classes before the sigmoid; rows `logit_stride` floats apart.
  std::int64_t logit_stride;
  std::int64_t num_anchors;
  int num_classes;
  const float* targets;  // [N, 5] class, cx, cy, w, h in input pixels.
  std::int64_t num_targets;
};

// The positives of one image, in rising order of anchor.
struct Assignment {
  std::vector<std::int64_t> anchors;  // Which anchors are positive,
  std::vector<std::int64_t> targets;  // the target each belongs to,
  std::vector<float> ious;            // and the IoU of the anchor's predicted box with it.
};

class Assigner {
 public:
  virtual ~Assigner() = default;
  // No targets and no candidates are answered with an empty assignment. Deterministic; thread-safe.
  virtual Assignment Assign(const AssignInput& input, const std::vector<AnchorPoint>& points) const = 0;
};

// By mmdetection's type name without "Assigner": "SimOTA", "TaskAligned". Throws Error{kConfig} on another.
std::unique_ptr<Assigner> MakeAssigner(const AssignerConfig& config);

}  // namespace yoake::trainer
