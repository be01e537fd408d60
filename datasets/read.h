#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json_elements.h"
#include "core/json_reader.h"
#include "core/text_file.h"
#include "datasets/dataset.h"

namespace yoake::datasets {

// Where a dataset lies. In JSON either a path ("day/train.json") or an object
// {"annotations": path or [paths], "images": folder, "name": ..., "categories": [names]}.
// Several annotation files are united (datasets/variants.h), their sources kept apart.
// Environment variables in paths are written ${NAME}; an unset one is an error that names it.
struct DatasetSpec {
  std::vector<std::filesystem::path> annotations;
  std::vector<std::filesystem::path>
      images;                           // One folder for all or one an annotation file; empty: the default.
  std::string name;                     // Empty: the file name without extension.
  std::vector<std::string> categories;  // Keep these, in this order; empty: all of the file.
};

// Relative paths are resolved against `base_folder` (the folder of the configuration file).
DatasetSpec ParseDatasetSpec(const JsonReader& reader, const std::filesystem::path& base_folder);

// What is read of a ground-truth file, and how.
struct CocoOptions {
  ElementOptions elements = {};  // How the annotations are read: threads.
  // Fill Dataset::masks: each annotation's "segmentation" is then required and checked.
  bool masks = false;
  // With `masks`: annotations without a segmentation have an empty mask (no runs) instead of being refused.
  bool masks_may_lack = false;
  // With `masks`: called for a segmentation that is no mask (two points, counts beyond the image), from any
  // of the threads, instead of refusing the file; the mask is empty then.
  std::function<void(const Error&)> on_bad_mask = nullptr;
  bool extras = false;  // Fill Dataset::image_extras and annotation_extras, for WriteCoco.
};

// Reads every file of the spec. Default image folder: the first of <dir>/images, <dir>/../images, <dir> (dir
// = the annotation file's folder) that holds the first image. Throws Error{kData} with file and id.
Dataset ReadDataset(const DatasetSpec& spec, const CocoOptions& options = {});

// One COCO ground-truth file. `image_folder` empty: the default above. Strict in what it uses (ids,
// references, boxes, types), indifferent to the rest: `area`, `iscrowd` and, where the image file can tell,
// an image's size may be missing; other keys and masks are skipped. An empty dataset reads. Throws
// Error{kData} naming file, JSON position and id. The result is the same with any number of threads.
Dataset ReadCoco(const std::filesystem::path& file, const std::filesystem::path& image_folder = {},
                 int threads = 1);

Dataset ReadCoco(TextFile file, const std::filesystem::path& image_folder, const CocoOptions& options);

// Throws Error{kData, where} unless there is at least one image, category and box that is not a crowd: what
// training and scoring need.
void RequireUsable(const Dataset& dataset, const std::string& where);

// SHA-256 over the annotation files' bytes, hexadecimal: provenance in reports.
std::string DatasetHash(const DatasetSpec& spec);

}  // namespace yoake::datasets
