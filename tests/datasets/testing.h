#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/atomic_file.h"
#include "datasets/read.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shared_folder.h"

namespace yoake::datasets {

#define YOAKE_SKIP_WITHOUT_SHARED()                                                              \
  if (!std::filesystem::is_directory(SharedFolder())) {                                          \
    GTEST_SKIP() << SharedFolder() << " is not there; point YOAKE_SHARED to the reference data"; \
  }

// A fresh folder for each test.
class FolderTest : public testing::Test {
 protected:
  const ScratchFolder scratch_;
  const std::filesystem::path folder_ = scratch_.path();

  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    WriteFileAtomically(folder_ / name, text);
    return folder_ / name;
  }
};

// A small set: `images` images of 64 x 48 named "<prefix>_<i>.png", one box each, of the two categories in
// turn.
inline Dataset SmallDataset(int images, const std::string& prefix = "a") {
  Dataset dataset;
  dataset.name = prefix;
  dataset.sources = {prefix + ".json"};
  dataset.categories = {{CategoryId{3}, "person", "being"}, {CategoryId{0}, "car", ""}};
  for (int i = 0; i < images; ++i) {
    const std::string name = prefix + "_" + std::to_string(i) + ".png";
    dataset.images.push_back({ImageId{i * 10}, name, "folder/" + name, 64, 48, 0});
    dataset.annotations.push_back({AnnotationId{100 + i}, ImageId{i * 10},
                                   dataset.categories[static_cast<std::size_t>(i % 2)].id,
                                   Box{1.0 / 3, 2, 10.1, 20}, 5.5, i % 5 == 4});
  }
  return dataset;
}

}  // namespace yoake::datasets
