#include "trainer/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace yoake::trainer {

Schedule::Schedule(const TrainConfig& config, std::int64_t steps_per_epoch)
    : cosine_(config.schedule.type == "cosine"),
      lr_(config.optimizer.lr),
      min_lr_(cosine_ ? lr_ * config.schedule.min_lr_ratio : lr_),
      warmup_(WarmupEpochs(config) * static_cast<double>(steps_per_epoch)),
      tail_(static_cast<double>((config.epochs - NoAugEpochs(config)) * steps_per_epoch)),
      total_(config.epochs * steps_per_epoch) {}

double Schedule::LearningRate(std::int64_t step) const {
  const double done =
      static_cast<double>(step) + 1;  // So that the first step moves and the last warm-up one is lr.
  if (done <= warmup_) return lr_ * (done / warmup_) * (done / warmup_);
  if (!cosine_) return lr_;
  const double progress = tail_ > warmup_ ? std::min((done - warmup_) / (tail_ - warmup_), 1.0) : 1.0;
  return min_lr_ + 0.5 * (lr_ - min_lr_) * (1 + std::cos(std::numbers::pi * progress));
}

}  // namespace yoake::trainer
