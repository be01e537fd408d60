#include "trainer/augment/hsv_table.h"

#include <opencv2/imgproc.hpp>

namespace yoake::trainer {

cv::Mat ThroughHsvTable(const cv::Mat& image, const cv::Mat& table) {
  cv::Mat hsv;
  cv::cvtColor(image, hsv, cv::COLOR_BGR2HSV);
  cv::LUT(hsv, table, hsv);
  cv::Mat changed;
  cv::cvtColor(hsv, changed, cv::COLOR_HSV2BGR);
  return changed;
}

}  // namespace yoake::trainer
