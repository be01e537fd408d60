#include "datasets/image_codecs.h"

#include <opencv2/imgcodecs.hpp>
#include <vector>

void yoake_decode_image(const std::string& bytes, cv::Mat* image) {
  try {
    const cv::Mat view(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
    *image = bytes.empty() ? cv::Mat() : cv::imdecode(view, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception&) {
    image->release();
  }
}

void yoake_encode_image(const std::string& extension, const cv::Mat& image, std::string* bytes) {
  bytes->clear();
  try {
    std::vector<unsigned char> buffer;
    if (cv::imencode(extension, image, buffer)) bytes->assign(buffer.begin(), buffer.end());
  } catch (const cv::Exception&) {
    bytes->clear();
  }
}
