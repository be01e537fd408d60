#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

// The learning rate of every step. All schedules begin with a quadratic warm-up from 0 to lr (Megvii's, but
// its first step does not run at 0) and end with min_lr_ratio * lr held while augmentation is off; between
// them
//   cosine       half a cosine down (Megvii's yoloxwarmcos, yolox/utils/lr_scheduler.py)
//   constant     lr to the very end
//   linear       a straight line down
//   flat_cosine  lr up to the share `flat` of the way, then half a cosine down (RTMDet's)
//   step         lr * gamma^(milestones passed), epochs from 0, to the very end
//   one_cycle    from lr / 25 by a cosine up over the first 30 %, then half a cosine down (Smith and Topin
//   2019;
//                torch.optim.lr_scheduler.OneCycleLR); its own warm-up takes the place of ours
class Schedule {
 public:
  // Throws Error{kConfig} at "schedule.type" for an unknown name.
  Schedule(const TrainConfig& config, std::int64_t steps_per_epoch);

  // step from 0.
  double LearningRate(std::int64_t step) const;
  std::int64_t total_steps() const { return total_; }

 private:
  ScheduleConfig config_;
  double lr_;
  double steps_per_epoch_;
  double warmup_;  // Steps.
  double tail_;    // Step at which the constant tail begins.
  std::int64_t total_;
};

}  // namespace yoake::trainer
