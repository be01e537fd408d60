#pragma once

#include <string>
#include <vector>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

struct BenchOptions {
  ModelConfig model;
  int input_size = 320;
  int batch = 8;
  int threads = 1;
  int num_classes = 80;
  int repeats = 5;    // Timed rounds; the median is reported.
  int steps = 3;      // Steps a round, after one round of warm-up.
  bool train = true;  // Forward, SimOTA, losses, backward, SGD step on synthetic targets.
  bool infer = true;  // Forward in evaluation mode and decoding.
  std::string device = "cpu";
};

struct BenchResult {
  double train_images_per_s = 0;  // Medians; 0 when not asked for.
  double train_low = 0;           // Slowest and fastest round.
  double train_high = 0;
  double infer_images_per_s = 0;
  double infer_low = 0;
  double infer_high = 0;
};

BenchResult Bench(const BenchOptions& options);

}  // namespace yoake::trainer
