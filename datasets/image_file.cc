#include "datasets/image_file.h"

#include "datasets/picture_module.h"

namespace yoake::datasets {

std::optional<ImageSize> DecodedSize(const std::string& bytes) { return Pictures().size(bytes); }

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
