#pragma once

#include <string>
#include <vector>

#include "core/drawing/svg.h"

namespace yoake {

// The numbered places of one axis.
struct Ticks {
  double low = 0;  // The axis runs from low to high; both are multiples of `step`.
  double high = 1;
  double step = 1;  // 1, 2 or 5 times a power of ten.

  std::vector<double> Values() const;
  std::string Label(double value) const;  // As many decimals as `step` needs.
};

// Ticks around [low, high] with about `count` steps. Equal ends are moved apart. A range above 0 that begins
// in its lower half is drawn from 0. With `whole`, steps are whole numbers and the ends stay as given.
Ticks NiceTicks(double low, double high, int count, bool whole = false);

// A rectangle of the picture with a data range: turns values into points and draws its own frame.
struct Axes {
  double left = 0, top = 0, width = 0, height = 0;  // Pixels, without labels.
  Ticks x;
  Ticks y;

  Point At(double x_value, double y_value) const;

  // Horizontal grid lines, the two axes' numbers and titles. Empty titles and numbers can be left out.
  void Draw(Svg* svg, const std::string& x_title, const std::string& y_title, bool x_labels = true,
            bool y_labels = true) const;

  // For a picture of named rows: vertical grid lines, the x axis' numbers and title under them.
  void DrawForRows(Svg* svg, const std::string& x_title) const;
};

}  // namespace yoake
