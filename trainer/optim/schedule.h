#pragma once

#include <cstdint>

#include "trainer/train_config.h"

namespace yoake::trainer {

// The learning rate of every step, Megvii's "yoloxwarmcos" (yolox/utils/lr_scheduler.py): quadratic warm-up,
// half a cosine down to min_lr_ratio * lr, then constant while augmentation is off. Unlike Megvii's, the
// first step does not run at 0.
class Schedule {
 public:
  Schedule(const TrainConfig& config, std::int64_t steps_per_epoch);

  // step from 0.
  double LearningRate(std::int64_t step) const;
  std::int64_t total_steps() const { return total_; }

 private:
  bool cosine_;
  double lr_;
  double min_lr_;
  double warmup_;  // Steps.
  double tail_;    // Step at which the constant tail begins.
  std::int64_t total_;
};

}  // namespace yoake::trainer
