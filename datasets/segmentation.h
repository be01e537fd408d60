#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json_scanner.h"
#include "datasets/mask.h"

namespace yoake::datasets {

// A "segmentation" of COCO as it is written: polygons [[x, y, ...], ...], or a run-length mask
// {"size": [height, width], "counts": "string" or [numbers]}.
struct Segmentation {
  enum class Kind { kPolygons, kCounts, kString };
  Kind kind = Kind::kPolygons;
  std::vector<std::vector<double>> polygons;
  std::vector<std::uint32_t> counts;
  std::string string;
  int height = 0;  // Of a run-length mask; polygons take their image's.
  int width = 0;
};

// Reads the value to come. Throws JsonFault.
Segmentation ReadSegmentation(JsonScanner& scanner);

// The mask; of polygons in an image of this size. Throws Error without a place, as the makers of
// datasets/mask.h do.
Mask MakeMask(const Segmentation& segmentation, int image_height, int image_width);

}  // namespace yoake::datasets
