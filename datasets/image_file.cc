#include "datasets/image_file.h"

#include <opencv2/imgcodecs.hpp>

namespace yoake::datasets {
namespace {

// A JPEG that breaks off is filled up with grey by its decoder and would pass; its end mark is missing then.
bool BreaksOff(std::string_view bytes) {
  if (!bytes.starts_with("\xff\xd8")) return false;
  return bytes.rfind("\xff\xd9") == std::string_view::npos;
}

}  // namespace

std::optional<ImageSize> DecodedSize(std::string_view bytes) {
  if (bytes.empty() || BreaksOff(bytes)) return std::nullopt;
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  try {
    const cv::Mat image = cv::imdecode(buffer, cv::IMREAD_UNCHANGED | cv::IMREAD_IGNORE_ORIENTATION);
    if (image.empty()) return std::nullopt;
    return ImageSize{image.cols, image.rows};
  } catch (const cv::Exception&) {
    return std::nullopt;
  }
}

std::filesystem::path DefaultImageFolder(const std::filesystem::path& annotation_file,
                                         const std::filesystem::path& first_image) {
  const std::filesystem::path dir =
      annotation_file.has_parent_path() ? annotation_file.parent_path() : std::filesystem::path(".");
  const std::filesystem::path candidates[] = {dir / "images", (dir / ".." / "images").lexically_normal(),
                                              dir};
  std::error_code ignored;
  for (const auto& folder : candidates) {
    if (!first_image.empty() && std::filesystem::is_regular_file(folder / first_image, ignored)) {
      return folder;
    }
  }
  for (const auto& folder : candidates) {
    if (std::filesystem::is_directory(folder, ignored)) return folder;
  }
  return dir;
}

}  // namespace yoake::datasets
