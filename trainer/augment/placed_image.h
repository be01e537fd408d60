#pragma once

#include <opencv2/core/mat.hpp>

#include "trainer/augment/sample.h"

namespace yoake::trainer {

// An image scaled and shifted by a Placement, on the pixels of a canvas. Pixel i covers [i, i + 1).

// The canvas' pixels whose centres the placed image covers; may be empty.
cv::Rect CoveredPixels(const cv::Size& image, const Placement& placement, const cv::Size& canvas);

// Fills `target`, a part of the canvas with its top-left pixel at `corner`, with the placed image, bilinear;
// beyond the image its border pixels repeat.
void DrawPlaced(const cv::Mat& image, const Placement& placement, const cv::Point& corner, cv::Mat target);

}  // namespace yoake::trainer
