#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

namespace yoake::trainer {

inline constexpr std::array<int, 3> kYoloxStrides = {8, 16, 32};

// raw: the head's three levels, [B, 5+nc, H, W] each.
// Returns [B, A, 5+nc]: cx, cy, w, h in input pixels, then sigmoid of objectness and of each class.
// A runs over levels, then rows, then columns. Differentiable; leaves `raw` alone.
at::Tensor Decode(const std::vector<at::Tensor>& raw);

// The same without box decoding and sigmoid: [B, A, 5+nc] raw, contiguous.
at::Tensor FlattenLevels(const std::vector<at::Tensor>& raw);

// One anchor point a cell, in FlattenLevels' order.
struct AnchorPoint {
  float x;  // Column and row of the cell, in strides.
  float y;
  float stride;  // Input pixels.
};
std::vector<AnchorPoint> AnchorPoints(const std::vector<at::Tensor>& raw);
std::vector<AnchorPoint> AnchorPoints(int input_size);  // Of a square input, in pixels.

// [A, 3] float32 on the CPU, a copy.
at::Tensor AnchorTable(const std::vector<AnchorPoint>& points);

// reg: [..., A, 4] raw box outputs. Returns cx, cy, w, h in input pixels:
// centre = (reg + cell) * stride, size = exp(reg) * stride. Differentiable.
at::Tensor DecodeBoxes(const at::Tensor& reg, const std::vector<AnchorPoint>& points);

}  // namespace yoake::trainer
