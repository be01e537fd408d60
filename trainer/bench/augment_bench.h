#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yoake::trainer {

struct AugmentCost {
  std::string name;  // A transform with its default parameters, or "default" for the whole default pipeline.
  double ms = 0;     // Of the processor, a sample: median of five rounds over up to 64 images in memory.
};

std::vector<AugmentCost> BenchAugment(const std::filesystem::path& dataset, int input_size);

}  // namespace yoake::trainer
