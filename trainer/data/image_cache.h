#pragma once

#include <cstdint>
#include <mutex>
#include <opencv2/core/mat.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "datasets/dataset.h"

namespace yoake::trainer {

// A decoded image, scaled to fit the model's input (augment/letterbox.h), without padding.
struct ScaledImage {
  cv::Mat pixels;    // 8-bit BGR; shared with the cache, so never write into it.
  double scale = 1;  // Scaled pixels a source pixel.
  int source_width = 0;
  int source_height = 0;
};

// An 8-bit BGR image, scaled to fit the input.
ScaledImage Scaled(const cv::Mat& source, int input_size);

// Decoded images in memory, up to a budget; what does not fit is decoded at every Get(). One cache serves
// training, validation and tests. Thread-safe.
class ImageCache {
 public:
  ImageCache(int input_size, double budget_gb);

  // Throws Error{kData} naming file and image id when the image cannot be read or decoded.
  ScaledImage Get(const datasets::Image& image);

  // Decodes images in order with `threads` threads until the budget is used up. Throws one Error{kData} for
  // all that cannot be read, naming the first five.
  void Preload(const std::vector<datasets::Image>& images, int threads);

  std::int64_t bytes() const;

 private:
  ScaledImage Load(const datasets::Image& image) const;

  const int input_size_;
  const std::int64_t budget_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, ScaledImage> images_;  // By path.
  std::int64_t bytes_ = 0;
};

// Throws one Error{kData} for all images of a set whose file is missing, empty or not readable, naming the
// first five with their ids. Reads no pixels, so it is quick. `where` names the set, e.g. "data.train".
void CheckImageFiles(const datasets::Dataset& dataset, const std::string& where);

}  // namespace yoake::trainer
