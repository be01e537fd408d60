#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yoake::trainer {

// A picture of a dataset's images with their boxes and categories, or of what augmentation makes of them.
struct SheetOptions {
  std::filesystem::path dataset;  // COCO file.
  std::filesystem::path images;   // Folder; empty: datasets/read.h's default.
  // A training configuration: for each of its transforms that is on an image before and after (three draws),
  // then samples as a run with that seed would see them first, and in its last epochs. Empty: the images as
  // they are.
  std::filesystem::path config;
  std::vector<std::string> overrides;   // key=value, laid over the configuration.
  std::vector<std::string> transforms;  // Rows of these alone, on or off, and no samples.
  std::filesystem::path out;            // .png or .jpg
  int count = 12;                       // Images, or samples.
  int cell_px = 240;                    // Largest side of one picture.
};

// Throws Error for a configuration, a dataset or a name that is wrong, and when `out` cannot be written.
// Returns what the user should know about the dataset.
std::vector<std::string> DrawSampleSheet(const SheetOptions& options);

}  // namespace yoake::trainer
