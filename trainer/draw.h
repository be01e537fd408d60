#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "core/box.h"

namespace yoake::trainer {

// A box to draw: "RBC .87" above it.
struct DrawnBox {
  Box box;
  std::string text;
  int label = 0;       // Chooses the colour.
  bool truth = false;  // Truth is drawn white and dashed, under the detections.
};

// Draws into the 8-bit BGR image. Lines and text grow with the image.
void DrawBoxes(const std::vector<DrawnBox>& boxes, cv::Mat* image);

}  // namespace yoake::trainer
