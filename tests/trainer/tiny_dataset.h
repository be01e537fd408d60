#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "core/atomic_file.h"
#include "core/rng.h"
#include "datasets/image_io.h"

namespace yoake::trainer {

// Writes `count` pictures of red and blue blocks on grey and their COCO file; returns the file's path.
inline std::filesystem::path WriteTinyDataset(const std::filesystem::path& folder, int count,
                                              std::uint64_t seed,
                                              const std::vector<std::string>& names = {"red", "blue"}) {
  using nlohmann::json;
  RandomStream random(seed);
  json images = json::array();
  json annotations = json::array();
  for (int i = 0; i < count; ++i) {
    const std::string name = "picture" + std::to_string(i) + ".png";
    cv::Mat picture(72, 96, CV_8UC3, cv::Scalar::all(120));
    images.push_back({{"id", i}, {"file_name", name}, {"width", 96}, {"height", 72}});
    for (int j = 0; j < 2; ++j) {
      const int w = static_cast<int>(random.Int(18, 30));
      const int h = static_cast<int>(random.Int(18, 30));
      const cv::Rect block(static_cast<int>(random.Int(j * 48, j * 48 + 47 - w)),
                           static_cast<int>(random.Int(0, 71 - h)), w, h);
      const auto label = static_cast<std::size_t>(random.Below(2));
      picture(block).setTo(label == 0 ? cv::Scalar(30, 30, 220) : cv::Scalar(220, 30, 30));
      annotations.push_back({{"id", annotations.size() + 1},
                             {"image_id", i},
                             {"category_id", label * 10 + 1},
                             {"bbox", {block.x, block.y, block.width, block.height}},
                             {"area", block.area()},
                             {"iscrowd", 0}});
    }
    datasets::WriteImage(folder / "images" / name, picture);
  }
  const json categories = {{{"id", 1}, {"name", names[0]}}, {{"id", 11}, {"name", names[1]}}};
  const auto file = folder / "annotations.json";
  WriteFileAtomically(
      file, json{{"images", images}, {"annotations", annotations}, {"categories", categories}}.dump());
  return file;
}

}  // namespace yoake::trainer
