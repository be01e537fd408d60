#include "trainer/predict/media_file.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace yoake::trainer {
namespace {

bool HasExtension(const std::filesystem::path& path, const std::set<std::string>& known) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return known.contains(extension);
}

}  // namespace

bool IsImageFile(const std::filesystem::path& path) {
  static const std::set<std::string> known = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"};
  return HasExtension(path, known);
}

bool IsVideoFile(const std::filesystem::path& path) {
  static const std::set<std::string> known = {".mp4", ".avi", ".mov",  ".mkv", ".webm",
                                              ".m4v", ".mpg", ".mpeg", ".ts",  ".wmv"};
  return HasExtension(path, known);
}

}  // namespace yoake::trainer
