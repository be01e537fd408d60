#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/dataset.h"

// New datasets from old ones. Pure functions of their arguments: the same input gives the same dataset.
namespace yoake::datasets {

// All images and boxes of `parts`, in their order. Images and annotations get new ids from 1; `sources` are
// strung together and every image keeps pointing at its own. Categories are matched by name and keep their
// ids while the parts agree on them; otherwise they are numbered from 1 in order of appearance. One part
// comes back unchanged. Throws Error{kData} for names that differ in case alone ("Car" and "car"), which
// would silently become two categories, and for an image file that stands in two parts.
Dataset Union(std::vector<Dataset> parts);

// Keeps these categories, in this order, with their ids, and the boxes of them. Images stay, also those
// without a box left: they are background now. Throws Error{kData} for a name the dataset does not have.
Dataset KeepCategories(Dataset dataset, const std::vector<std::string>& names);

struct SplitOptions {
  // Share of the images that goes to validation, in (0, 1). The nearest share that whole groups allow.
  double val_share = 0.2;

  // Another seed draws another split.
  std::uint64_t seed = 0;

  // Regular expression searched in the file name; images of equal match (of the first group in parentheses,
  // if it has one) stay on one side. Needed whenever images are frames of one video or shots of one scene: a
  // split between neighbours measures memory. Example: "^([0-9]+)_" for "0123_frame7.jpg". Empty: each image
  // for itself.
  std::string group_pattern;

  void Validate() const;  // Throws Error{kConfig}.
};

struct SplitResult {
  Dataset train;
  Dataset val;
};

// Every image goes to exactly one side, with all its boxes; ids, categories and file order stay. Does not
// depend on the order of the images in the file. Both sides get at least one group. Throws Error{kData} when
// there are fewer than two groups or a file name does not match the pattern.
SplitResult Split(const Dataset& dataset, const SplitOptions& options);

// Writes COCO JSON that ReadCoco reads back as the same dataset (names, ids, exact numbers, sources, extras).
// The file names stay as they are where the reader's default folder finds the images under them; else they
// become paths relative to the folder of `file`.
void WriteCoco(const Dataset& dataset, const std::filesystem::path& file);

}  // namespace yoake::datasets
