#pragma once

#include <opencv2/core/mat.hpp>

namespace yoake::trainer {

// The image with hue (0 to 179), saturation and value (0 to 255) taken through a table, 1 x 256 of CV_8UC3.
cv::Mat ThroughHsvTable(const cv::Mat& image, const cv::Mat& table);

}  // namespace yoake::trainer
