#pragma once

#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <string>

namespace yoake::datasets {

// Image files for programs that have OpenCV anyway (library yoake_images); datasets/picture_module.h reads
// and writes them.

// 8-bit, three channels BGR, of a file's bytes; empty when they are no image, or a JPEG that breaks off
// before its end mark (the decoder would fill the rest up with grey).
cv::Mat DecodeImage(const std::string& bytes);

// 8-bit, three channels BGR, whatever the file holds; EXIF orientation is ignored, as COCO's boxes refer to
// the stored pixels. Throws Error{kIo} when the file cannot be read, Error{kData} when it is no image.
cv::Mat ReadImage(const std::filesystem::path& path);

// The bytes of an image file: `extension` chooses the format (".png", ".jpg" at quality 95). Empty for one
// that OpenCV does not know.
std::string EncodeImage(const cv::Mat& image, const std::string& extension);

// Writes an 8-bit image of one or three channels atomically; the extension chooses the format as in
// EncodeImage. Throws Error{kIo}, or Error{kUsage} for an extension that OpenCV does not know.
void WriteImage(const std::filesystem::path& path, const cv::Mat& image);

}  // namespace yoake::datasets
