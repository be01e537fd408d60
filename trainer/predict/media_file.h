#pragma once

#include <filesystem>

namespace yoake::trainer {

// By the extension alone, in capitals or not.
bool IsImageFile(const std::filesystem::path& path);  // jpg, jpeg, png, bmp, tif, tiff, webp
bool IsVideoFile(const std::filesystem::path& path);  // mp4, avi, mov, mkv, webm, m4v, mpg, mpeg, ts, wmv

}  // namespace yoake::trainer
