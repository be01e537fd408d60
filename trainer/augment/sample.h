#pragma once

#include <opencv2/core/mat.hpp>
#include <optional>
#include <vector>

#include "core/box.h"

namespace yoake::trainer {

// A box with its class (index into the model's categories), in pixels of the image it came with.
struct LabeledBox {
  Box box;
  int label = 0;

  friend bool operator==(const LabeledBox&, const LabeledBox&) = default;
};

// What augmentation works on: pixels and boxes, changed together.
struct Sample {
  cv::Mat image;  // 8-bit BGR.
  std::vector<LabeledBox> boxes;
};

// Grey of every pixel that no image covers (Megvii's and mmdetection's 114).
inline constexpr int kPaddingGrey = 114;

// The part of a box inside [0, width] x [0, height]; nullopt when nothing is.
std::optional<Box> ClipBox(const Box& box, double width, double height);

}  // namespace yoake::trainer
