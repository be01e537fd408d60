#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/rng.h"
#include "trainer/augment/augment_config.h"
#include "trainer/augment/transform.h"

namespace yoake::trainer {

// The transforms of a configuration that are on, in its order. Thread-safe.
class Pipeline {
 public:
  // size: of the square input, pixels. last_epochs: without the transforms that end early.
  Pipeline(const AugmentConfig& augment, int size, bool last_epochs);

  // An image as training sees it: size x size, its pixels in one piece. A pure function of its arguments.
  Sample operator()(const SampleSource& source, std::size_t image, RandomStream random) const;

 private:
  struct Stage {
    std::string name;
    std::optional<double> prob;
    bool draws_from_sample;
    bool ended;
    Transform transform;
  };

  int size_;
  std::vector<Stage> stages_;
};

}  // namespace yoake::trainer
