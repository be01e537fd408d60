#include <new>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "datasets/picture_module.h"

namespace yoake::datasets {
namespace {

bool BreaksOff(const std::string& bytes) {
  return bytes.starts_with("\xff\xd8") && bytes.rfind("\xff\xd9") == std::string::npos;
}

void Decode(const std::string& bytes, cv::Mat* image) {
  image->release();
  if (bytes.empty() || BreaksOff(bytes)) return;
  try {
    const cv::Mat view(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
    *image = cv::imdecode(view, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();  // The picture may be a good one.
    image->release();
  }
}

std::optional<ImageSize> Size(const std::string& bytes) {
  cv::Mat image;
  Decode(bytes, &image);
  if (image.empty()) return std::nullopt;
  return ImageSize{image.cols, image.rows};
}

void Encode(const std::string& extension, const cv::Mat& image, std::string* bytes) {
  bytes->clear();
  try {
    std::vector<unsigned char> buffer;
    if (cv::imencode(extension, image, buffer)) bytes->assign(buffer.begin(), buffer.end());
  } catch (const cv::Exception&) {
    bytes->clear();
  }
}

}  // namespace
}  // namespace yoake::datasets

// What picture_module.cc looks up.
extern "C" {
extern const yoake::datasets::PictureModule yoake_pictures;
const yoake::datasets::PictureModule yoake_pictures = {yoake::datasets::Decode, yoake::datasets::Size,
                                                       yoake::datasets::Encode, yoake::datasets::PaintScene};
}
