#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace yoake::datasets {

struct ImageSize {
  int width = 0;  // Pixels.
  int height = 0;

  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

// The size of a decoded image file's bytes, or nullopt when they are not an image or break off before the
// end. Orientation marks of cameras (EXIF) are not applied: COCO boxes lie in the stored pixels.
std::optional<ImageSize> DecodedSize(const std::string& bytes);

// Where the images of an annotation file lie by convention: the first of <dir>/images, <dir>/../images, <dir>
// (dir = the file's folder) that holds `first_image`. With none of them, the first of these folders there is.
std::filesystem::path DefaultImageFolder(const std::filesystem::path& annotation_file,
                                         const std::filesystem::path& first_image);

}  // namespace yoake::datasets
