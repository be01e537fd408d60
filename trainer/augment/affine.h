#pragma once

#include <opencv2/core/matx.hpp>
#include <optional>

#include "trainer/augment/sample.h"

namespace yoake::trainer {

// What can be seen of a box that an affine map turns into a parallelogram.
struct SeenPart {
  Box hull;               // Axis-aligned, of the visible part.
  double area = 0;        // Of the visible part.
  double whole_area = 0;  // Of the parallelogram.
};

// The box mapped by [x', y'] = map * [x, y, 1], seen through [0, width] x [0, height]; nullopt when nothing
// is. Exact: the parallelogram is cut at the borders (Sutherland and Hodgman, 1974) before its hull is taken.
std::optional<SeenPart> SeeThrough(const Box& box, const cv::Matx23d& map, double width, double height);

// image size -> canvas: rotated, scaled and sheared around the image's middle, then shifted.
struct AffinePlan {
  double rotate_degree = 0;
  double scale = 1;
  double shear_x_degree = 0;
  double shear_y_degree = 0;
  double shift_x = 0;  // Pixels.
  double shift_y = 0;
};

// Of continuous coordinates (pixel i covers [i, i + 1)). The plan of nothing is the identity.
cv::Matx23d MapOf(const AffinePlan& plan, double width, double height);

// The sample on a square of `size`, its surroundings padded grey.
void Warp(const cv::Matx23d& map, int size, Sample* sample);

}  // namespace yoake::trainer
