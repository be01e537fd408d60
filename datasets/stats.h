#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace yoake::datasets {

// Counts of one category. Crowd regions are no boxes to find: they are counted apart.
struct CategoryStats {
  std::string name;
  std::int64_t boxes = 0;
  std::int64_t images = 0;  // Images with at least one of the boxes.
  std::int64_t small = 0;   // By `area`, as the COCO evaluation buckets them: below 32^2 square pixels,
  std::int64_t medium = 0;  // below 96^2,
  std::int64_t large = 0;   // and the rest.
  std::int64_t crowds = 0;
};

struct DatasetStats {
  std::string name;
  std::int64_t images = 0;
  std::int64_t images_without_boxes = 0;
  std::int64_t annotations = 0;             // All, crowds too.
  std::vector<CategoryStats> per_category;  // The dataset's order.
};

DatasetStats ComputeStats(const Dataset& dataset);

// {"images", "annotations", "per_category": [{"category", "boxes", "images", "small", "medium", "large"}]}
// and more, as promised for `yoake dataset stats --json`.
nlohmann::json ToJson(const DatasetStats& stats);

// The same as an aligned text table that ends in a newline.
std::string ToTable(const DatasetStats& stats);

}  // namespace yoake::datasets
