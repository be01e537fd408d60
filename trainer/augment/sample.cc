#include "trainer/augment/sample.h"

#include <algorithm>

namespace yoake::trainer {

std::optional<Box> ClipBox(const Box& box, double width, double height) {
  const double left = std::max(box.x, 0.0);
  const double top = std::max(box.y, 0.0);
  const double right = std::min(box.right(), width);
  const double bottom = std::min(box.bottom(), height);
  if (right <= left || bottom <= top) return std::nullopt;
  return Box{left, top, right - left, bottom - top};
}

bool IsWorthLearning(const Box& visible, double visible_area, double whole_area) {
  return visible.w >= kMinBoxSide_px && visible.h >= kMinBoxSide_px &&
         visible_area >= kMinVisibleShare * whole_area;
}

Box Moved(const Box& box, const Placement& placement) {
  return {placement.left + box.x * placement.scale_x, placement.top + box.y * placement.scale_y,
          box.w * placement.scale_x, box.h * placement.scale_y};
}

std::vector<LabeledBox> MoveBoxes(const std::vector<LabeledBox>& boxes, const Placement& placement,
                                  double width, double height) {
  std::vector<LabeledBox> moved;
  for (const LabeledBox& labeled : boxes) {
    const Box whole = Moved(labeled.box, placement);
    const auto visible = ClipBox(whole, width, height);
    if (visible && IsWorthLearning(*visible, visible->area(), whole.area())) {
      moved.push_back({*visible, labeled.label});
    }
  }
  return moved;
}

}  // namespace yoake::trainer
