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

}  // namespace yoake::trainer
