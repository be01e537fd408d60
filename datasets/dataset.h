#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/box.h"
#include "datasets/mask.h"

namespace yoake::datasets {

// Strong ids as they stand in the COCO file: any integer in [0, 2^53]; 0 is a valid id.
enum class ImageId : std::int64_t {};
enum class CategoryId : std::int64_t {};
enum class AnnotationId : std::int64_t {};

struct Image {
  ImageId id{};
  std::string file_name;       // As written in the file; may hold folders.
  std::filesystem::path path;  // Where to read it: the image folder joined with file_name.
  int width = 0;               // Pixels.
  int height = 0;
  int source = 0;  // Index into Dataset::sources.
};

struct Category {
  CategoryId id{};
  std::string name;
  std::string supercategory;
};

struct Annotation {
  AnnotationId id{};
  ImageId image_id{};
  CategoryId category_id{};
  Box box;          // Source-image pixels.
  double area = 0;  // Square pixels as written (COCO: the mask's area); w*h when the file has none.
  bool crowd = false;
  bool ignore = false;  // The file's "ignore" key, which pycocotools overwrites; see Corrections in metrics/.
};

// Ground truth: images, categories and boxes of one or more files.
struct Dataset {
  std::string name;                     // For tables: "day", "bccd relabel_train".
  std::vector<std::string> sources;     // One entry a file that was united into this set.
  std::vector<Image> images;            // File order; ids unique.
  std::vector<Category> categories;     // File order; ids and names unique.
  std::vector<Annotation> annotations;  // File order. Ids unique in one file; a union gives new ones.
  std::vector<Mask> masks;              // Parallel to annotations; empty unless they were asked for.
  // What else the file says of images and annotations (datasets/extras.h), as members of a JSON object
  // without its braces. Parallel to them; empty unless asked for.
  std::vector<std::string> image_extras, annotation_extras;
};

}  // namespace yoake::datasets
