#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "trainer/losses/loss_type.h"

namespace yoake::trainer {

// What a user's formula may name, by role:
//   cls, obj   x (logit), p (sigmoid of x), t (target), bce (their cross entropy)
//   l1         pred, target
//   bbox       x1 y1 x2 y2 cx cy w h of the predicted box, the same with a leading t (tx1 ..) of the true
//   one,
//              iou, giou, inter, union, hull_w, hull_h (the smallest box around both),
//              centre (d^2 / c^2 of DIoU), aspect (v of CIoU), side (pixels of the input)
std::vector<std::string> QuantityNames(LossRole role);

// The tensor of one of them; [N, classes], or [N] of boxes.
at::Tensor Quantity(const std::string& name, LossRole role, const LossInput& in);

}  // namespace yoake::trainer
