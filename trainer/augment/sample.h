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

// A box stays when at least a tenth of it is visible (YOLOv5's rule) ...
inline constexpr double kMinVisibleShare = 0.1;
// ... and both of its sides are at least this long: what is thinner is a sliver that teaches borders.
inline constexpr double kMinBoxSide_px = 2;

// The rule above, which every transform that moves boxes keeps to. `visible` is the visible part's hull; the
// areas are of the visible part and of the whole, both after the move.
bool IsWorthLearning(const Box& visible, double visible_area, double whole_area);

// Where the pixels of an image went: x * scale_x + left, y * scale_y + top.
struct Placement {
  double left = 0;
  double top = 0;
  double scale_x = 1;
  double scale_y = 1;
};

Box Moved(const Box& box, const Placement& placement);
inline Box Scaled(const Box& box, double scale) { return Moved(box, {0, 0, scale, scale}); }

// The boxes moved and clipped to [0, width] x [0, height]; those not worth learning are left out.
std::vector<LabeledBox> MoveBoxes(const std::vector<LabeledBox>& boxes, const Placement& placement,
                                  double width, double height);

}  // namespace yoake::trainer
