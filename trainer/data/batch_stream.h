#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/rng.h"
#include "trainer/augment/sample.h"
#include "trainer/config/train_config.h"
#include "trainer/data/training_set.h"

namespace yoake::trainer {

// Augmented samples of one step, or of the part of it that was asked for, each `size` x `size`.
struct Batch {
  int size = 0;
  std::vector<std::uint8_t> pixels;            // [B, size, size, 3] BGR.
  std::vector<std::vector<LabeledBox>> boxes;  // Input pixels.
  std::vector<int>
      images;  // Of the whole step: index into TrainingSet::images (of a mosaic: its first tile).
};

struct BatchOptions {
  int input_size = 416;  // Of the cache; a batch may be smaller or larger (augment.multi_scale).
  int batch = 8;
  int part = 0;  // The part-th of so many equal parts of each batch.
  int parts = 1;
  std::uint64_t seed = 0;
  int threads = 1;
  AugmentConfig augment;
  bool last_epochs = false;  // Without the transforms that end early.
};

// Where the samples of an epoch (from 0) draw from: each splits off its position in EpochOrder.
RandomStream SampleStream(std::uint64_t seed, int epoch);

// The batches of one epoch in the order of data/image_order.h, made ahead of use by `threads` threads on a
// bounded queue. What a batch holds depends on seed, epoch and step alone, not on the number of threads or
// where the epoch was entered.
class BatchStream {
 public:
  // `set` and `cache` must outlive this. epoch and first_step from 0.
  BatchStream(const TrainingSet& set, ImageCache* cache, const BatchOptions& options, int epoch,
              std::int64_t first_step = 0);
  ~BatchStream();  // Stops the threads and waits for them.

  // nullopt at the end of the epoch. Throws what making the batch threw.
  std::optional<Batch> Next();

  double waited_s() const;  // Time that Next() spent waiting so far.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yoake::trainer
