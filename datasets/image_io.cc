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

std::string EncodeImage(const cv::Mat& image, const std::string& extension) {
  std::string bytes;
  Pictures().encode(extension, image, &bytes);
  return bytes;
}

void WriteImage(const std::filesystem::path& path, const cv::Mat& image) {
  const std::string bytes = EncodeImage(image, path.extension().string());
  if (bytes.empty()) {
    throw Error(ErrorKind::kUsage, "no encoder for '" + path.extension().string() + "'; use .png or .jpg",
                path.string());
  }
  WriteFileAtomically(path, bytes);
}

}  // namespace yoake::datasets
