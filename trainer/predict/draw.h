#pragma once

#include <map>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "core/box.h"
#include "datasets/dataset.h"
#include "metrics/detections.h"

namespace yoake::trainer {

// A box to draw: "RBC .87" above it.
struct DrawnBox {
  Box box;
  std::string text;
  int label = 0;       // Chooses the colour.
  bool truth = false;  // Truth is drawn white and dashed, under the detections.
};

// The truth of each image and its detections of at least `least_score`, with category and score as text.
std::map<datasets::ImageId, std::vector<DrawnBox>> BoxesToDraw(
    const datasets::Dataset& truth, const std::vector<metrics::Detection>& detections, double least_score);

// Draws into the 8-bit BGR image. Lines and text grow with the image.
void DrawBoxes(const std::vector<DrawnBox>& boxes, cv::Mat* image);

}  // namespace yoake::trainer
