#pragma once

#include <ATen/core/Tensor.h>

#include "trainer/losses/loss_type.h"

namespace yoake::trainer {

// Columns of an [N, 4] tensor x1, y1, x2, y2; each is [N], as is all that follows.
struct Corners {
  explicit Corners(const at::Tensor& boxes);
  at::Tensor w() const;
  at::Tensor h() const;
  at::Tensor cx() const;
  at::Tensor cy() const;
  at::Tensor x1, y1, x2, y2;
};

// What box losses are made of: `a` predicted, `b` true.
struct BoxPair {
  BoxPair(const at::Tensor& pred, const at::Tensor& target);

  Corners a, b;
  at::Tensor intersection;
  at::Tensor union_area;
  at::Tensor hull_w, hull_h;  // Of the smallest box around both.

  // d^2 / (c^2 + eps): d between centres, c the hull's diagonal (Zheng et al. 2020, equation 6).
  at::Tensor CentrePenalty(double eps) const;
  // v, of the angles of the diagonals (Zheng et al. 2020, equation 9).
  at::Tensor AspectPenalty(double eps) const;
  // The weight of v, a constant to the gradient; 0 up to an IoU of one half.
  static at::Tensor AspectWeight(const at::Tensor& iou, const at::Tensor& v);
};

// The floor of denominators.
LossParam Eps(double value = 1e-6);

}  // namespace yoake::trainer
