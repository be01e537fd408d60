#include "datasets/image_io.h"

#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/picture_module.h"

namespace yoake::datasets {

cv::Mat DecodeImage(const std::string& bytes) {
  cv::Mat image;
  Pictures().decode(bytes, &image);
  return image;
}

cv::Mat ReadImage(const std::filesystem::path& path) {
  cv::Mat image = DecodeImage(ReadFile(path));
  if (image.empty()) {
    throw Error(ErrorKind::kData, "not a whole image that OpenCV can decode (JPEG, PNG, BMP, TIFF, WebP)",
                path.string());
  }
  return image;
}

void WriteImage(const std::filesystem::path& path, const cv::Mat& image) {
  std::string bytes;
  Pictures().encode(path.extension().string(), image, &bytes);
  if (bytes.empty()) {
    throw Error(ErrorKind::kUsage, "no encoder for '" + path.extension().string() + "'; use .png or .jpg",
                path.string());
  }
  WriteFileAtomically(path, bytes);
}

}  // namespace yoake::datasets
