#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "core/rng.h"
#include "trainer/augment/augment_config.h"
#include "trainer/augment/sample.h"

namespace yoake::trainer {

// An object cut out of its image, to be pasted into another.
struct Cutout {
  cv::Mat pixels;      // Shared with the cache: never write into it.
  cv::Mat mask;        // 8-bit, of the same size, 255 where the object is; empty: the whole rectangle.
  LabeledBox labeled;  // In pixels of the cutout.
};

// The images that a sample may be mixed with. Thread-safe.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual std::size_t size() const = 0;  // At least 1.
  // Scaled to fit the input, not padded. Its pixels may be shared: never write into them.
  virtual Sample Load(std::size_t index) const = 0;
  virtual std::vector<Cutout> CutOut(std::size_t index) const = 0;
};

// What a transform is given beside the sample.
struct TransformInput {
  int size;  // Side of the square that training sees, pixels.
  const SampleSource& source;
  RandomStream* random;
};

// Changes image and boxes together. The image is at most size x size before and after, as a rule not padded
// (mosaic, affine and mixup fill the square). Never writes into the pixels it was given: they may be the
// cache's. What it does depends on sample, source and `random` alone.
using Transform = std::function<void(const TransformInput&, Sample*)>;

struct TransformParam {
  std::string name;
  double value = 0;  // Default.
  double low = 0;    // Ends included.
  double high = 1;
  bool whole = false;
  std::string not_below = {};  // Another parameter that is this one's lower end.
};

// A kind of transform. One with a parameter "prob" is done to that share of the samples.
struct TransformType {
  std::string name;
  std::vector<TransformParam> params;
  std::function<Transform(const TransformParams&)> make;
  bool ends_early =
      false;  // Left out in the last no_aug_epochs: the pictures it makes look like no real one.
  // Mosaic, hsv and flip draw from the sample's stream itself, one after the other, every other transform
  // from a stream split off it by name: switching one on leaves the draws of all others as they are.
  bool draws_from_sample = false;
};

// {"prob", 0, 0, 1} with another default.
inline TransformParam Prob(double value = 0) { return {.name = "prob", .value = value}; }

}  // namespace yoake::trainer
