#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace yoake::trainer {

// Unreduced [N]; pred and target [N, 4] x1, y1, x2, y2. Finite with finite gradients for degenerate and for
// equal boxes. `eps` floors denominators as mmdetection's functions of the same name do
// (mmdet/models/losses/iou_loss.py).

enum class IouMode { kLinear, kSquare, kLog };

// Throws Error{kConfig} at `where` naming the modes.
IouMode ParseIouMode(const std::string& text, const std::string& where);

// 1 - IoU, 1 - IoU^2 or -ln IoU, IoU floored at eps.
at::Tensor IouLoss(const at::Tensor& pred, const at::Tensor& target, IouMode mode, double eps);

// 1 - (IoU - (hull - union) / hull): Rezatofighi et al. 2019.
at::Tensor GiouLoss(const at::Tensor& pred, const at::Tensor& target, double eps);

// 1 - (IoU - d^2 / c^2): Zheng et al. 2020; d between centres, c the hull's diagonal.
at::Tensor DiouLoss(const at::Tensor& pred, const at::Tensor& target, double eps);

// 1 - clamp(IoU - d^2 / c^2 - alpha v, -1, 1): Zheng et al. 2020; v of the aspect ratios, alpha a constant
// that is 0 up to an IoU of one half.
at::Tensor CiouLoss(const at::Tensor& pred, const at::Tensor& target, double eps);

}  // namespace yoake::trainer
