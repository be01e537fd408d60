#include "datasets/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/atomic_file.h"
#include "core/environment.h"
#include "core/error.h"
#include "datasets/sha256.h"
#include "datasets/variants.h"

namespace yoake::datasets {
namespace {

std::filesystem::path ReadPath(const JsonReader& reader, const std::filesystem::path& base_folder) {
  const std::string text = ExpandEnvironment(reader.AsString(), reader.where());
  if (text.empty()) reader.Fail("expected a path, got an empty string");
  return (base_folder / text).lexically_normal();
}

// A path or a list of paths.
std::vector<std::filesystem::path> ReadPaths(const JsonReader& reader,
                                             const std::filesystem::path& base_folder) {
  if (!reader.value().is_array()) return {ReadPath(reader, base_folder)};
  std::vector<std::filesystem::path> paths;
  for (const JsonReader& element : reader.AsArray()) paths.push_back(ReadPath(element, base_folder));
  if (paths.empty()) reader.Fail("expected at least one path, got an empty list");
  return paths;
}

std::string DefaultName(const std::vector<std::filesystem::path>& files) {
  std::string name;
  for (const auto& file : files) {
    if (!name.empty()) name += '+';
    name += file.stem().string();
  }
  return name;
}

}  // namespace

DatasetSpec ParseDatasetSpec(const JsonReader& reader, const std::filesystem::path& base_folder) {
  DatasetSpec spec;
  if (!reader.value().is_object()) {
    if (!reader.value().is_string() && !reader.value().is_array()) {
      reader.Fail("expected a path, a list of paths or {\"annotations\": path, \"images\": folder}");
    }
    spec.annotations = ReadPaths(reader, base_folder);
  } else {
    spec.annotations = ReadPaths(reader.At("annotations"), base_folder);
    if (const auto images = reader.Find("images")) spec.images = ReadPaths(*images, base_folder);
    reader.Read("name", &spec.name);
    reader.Read("categories", &spec.categories);
    reader.Finish();
    if (spec.images.size() > 1 && spec.images.size() != spec.annotations.size()) {
      reader.Fail(
          fmt::format("'images' names {} folders for {} annotation files; name one for all or one each",
                      spec.images.size(), spec.annotations.size()));
    }
  }
  if (spec.name.empty()) spec.name = DefaultName(spec.annotations);
  return spec;
}

Dataset ReadDataset(const DatasetSpec& spec, const CocoOptions& options) {
  std::vector<Dataset> parts;
  for (std::size_t i = 0; i < spec.annotations.size(); ++i) {
    const std::filesystem::path folder = spec.images.empty()      ? std::filesystem::path()
                                         : spec.images.size() > 1 ? spec.images.at(i)
                                                                  : spec.images.front();
    parts.push_back(ReadCoco(TextFile::Open(spec.annotations[i]), folder, options));
  }
  if (parts.empty()) throw Error(ErrorKind::kConfig, "the dataset names no annotation file", spec.name);
  Dataset dataset = Union(std::move(parts));
  if (!spec.categories.empty()) dataset = KeepCategories(std::move(dataset), spec.categories);
  dataset.name = spec.name.empty() ? DefaultName(spec.annotations) : spec.name;
  return dataset;
}

void RequireUsable(const Dataset& dataset, const std::string& where) {
  const auto require = [&](bool there, const char* what, const char* remedy) {
    if (there) return;
    throw Error(ErrorKind::kData, fmt::format("the dataset '{}' has no {}; {}", dataset.name, what, remedy),
                where);
  };
  require(!dataset.images.empty(), "images", "name an annotation file that lists some");
  require(!dataset.categories.empty(), "categories", "name an annotation file that lists what to find");
  const bool boxes = std::any_of(dataset.annotations.begin(), dataset.annotations.end(),
                                 [](const Annotation& annotation) { return !annotation.crowd; });
  require(boxes, "boxes", "there is nothing to learn from or to score against");
}

std::string DatasetHash(const DatasetSpec& spec) {
  Sha256 hash;
  for (const auto& file : spec.annotations) hash.Update(ReadFile(file));
  return hash.HexDigest();
}

}  // namespace yoake::datasets
