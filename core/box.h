#pragma once

namespace yoake {

// Axis-aligned box: top-left corner and size in source-image pixels, origin at the image's top-left corner.
// Continuous coordinates as in COCO: a box of one pixel has w = 1, there is no +1 anywhere.
struct Box {
  double x = 0;
  double y = 0;
  double w = 0;
  double h = 0;

  double area() const { return w * h; }
  double right() const { return x + w; }
  double bottom() const { return y + h; }

  friend bool operator==(const Box&, const Box&) = default;
};

}  // namespace yoake
