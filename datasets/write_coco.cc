#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "datasets/image_file.h"
#include "datasets/variants.h"

namespace yoake::datasets {
namespace {

namespace fs = std::filesystem;

std::int64_t JsonId(auto id) { return static_cast<std::int64_t>(id); }

fs::path Absolute(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

// Whether a reader of `file` would find every image where it lies now.
bool NamesStillFit(const Dataset& dataset, const fs::path& file) {
  if (dataset.images.empty()) return true;
  const fs::path folder = DefaultImageFolder(file, dataset.images.front().file_name);
  return std::all_of(dataset.images.begin(), dataset.images.end(), [&](const Image& image) {
    return image.path.empty() || Absolute(folder / image.file_name) == Absolute(image.path);
  });
}

nlohmann::ordered_json ImageJson(const Image& image, const std::string& file_name, bool with_source) {
  nlohmann::ordered_json json = {
      {"id", JsonId(image.id)}, {"file_name", file_name}, {"width", image.width}, {"height", image.height}};
  if (with_source) json["source"] = image.source;
  return json;
}

// A list with one element a line: small enough, and a diff shows which image changed.
std::string List(const std::vector<nlohmann::ordered_json>& elements,
                 const std::vector<std::string>& extras = {}) {
  std::string text = "[";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    text += (i > 0 ? ",\n" : "\n") + elements[i].dump();
    if (extras.empty() || extras[i].empty()) continue;
    text.back() = ',';
    text += extras[i] + "}";
  }
  return text + "]";
}

}  // namespace

void WriteCoco(const Dataset& dataset, const fs::path& file) {
  const bool keep_names = NamesStillFit(dataset, file);
  const fs::path folder = Absolute(file).parent_path();
  const bool with_source = dataset.sources.size() > 1;
  std::vector<nlohmann::ordered_json> images;
  for (const Image& image : dataset.images) {
    const bool keep = keep_names || image.path.empty();
    const std::string name =
        keep ? image.file_name : Absolute(image.path).lexically_relative(folder).generic_string();
    images.push_back(ImageJson(image, name, with_source));
  }
  std::vector<nlohmann::ordered_json> categories;
  for (const Category& category : dataset.categories) {
    categories.push_back(
        {{"id", JsonId(category.id)}, {"name", category.name}, {"supercategory", category.supercategory}});
  }
  std::vector<nlohmann::ordered_json> annotations;
  for (std::size_t i = 0; i < dataset.annotations.size(); ++i) {
    const Annotation& annotation = dataset.annotations[i];
    const Box& box = annotation.box;
    annotations.push_back({{"id", JsonId(annotation.id)},
                           {"image_id", JsonId(annotation.image_id)},
                           {"category_id", JsonId(annotation.category_id)},
                           {"bbox", {box.x, box.y, box.w, box.h}},
                           {"area", annotation.area},
                           {"iscrowd", annotation.crowd ? 1 : 0}});
    if (annotation.ignore) annotations.back()["ignore"] = 1;
    const bool has_mask = !dataset.masks.empty() && !dataset.masks[i].runs.empty();
    if (!has_mask || !dataset.annotation_extras.empty()) continue;  // There they stand as they were written.
    const Mask& mask = dataset.masks[i];
    annotations.back()["segmentation"] = {{"size", {mask.height, mask.width}}, {"counts", MaskString(mask)}};
  }
  const nlohmann::ordered_json info = {{"description", dataset.name}};
  std::string text = "{\"info\": " + info.dump() + ",\n";
  if (with_source) text += "\"sources\": " + nlohmann::ordered_json(dataset.sources).dump() + ",\n";
  text += "\"images\": " + List(images, dataset.image_extras) + ",\n\"categories\": " + List(categories) +
          ",\n\"annotations\": " + List(annotations, dataset.annotation_extras) + "}\n";
  WriteFileAtomically(file, text);
}

}  // namespace yoake::datasets
