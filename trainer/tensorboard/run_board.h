#pragma once

#include <cstdint>
#include <vector>

#include "core/trial_event.h"
#include "metrics/detections.h"
#include "trainer/data/image_cache.h"
#include "trainer/data/run_data.h"
#include "trainer/run/progress.h"
#include "trainer/run/results_csv.h"
#include "trainer/run/run_folder.h"
#include "trainer/tensorboard/event_file.h"

namespace yoake::trainer {

// What a run tells TensorBoard; the step is the run's training step. Tags, beside configuration and
// hyperparameters: "train/box_loss" .. and "lr" about every 50 steps, at least once an epoch; "metrics/mAP",
// "person/mAP_50", "balance/box", "speed/images_per_s", "memory/peak_rss_mb" once an epoch; "val/FILE.png"
// with truth and detections at every evaluation.
class RunBoard {
 public:
  // Opens the file. `data` is borrowed. `progress`: where the run begins or goes on.
  RunBoard(const TrainConfig& config, const RunData& data, const RunFolder& folder,
           std::int64_t steps_per_epoch, const Progress& progress);

  // After each step, before the epoch's sums are reset. `lr` is the step's.
  void Step(const Progress& progress, double lr);
  // After each epoch, `metrics` as in its event.
  void Epoch(const EpochRow& row, const Metrics& metrics);
  // A few pictures of data.val, always the same. Call before Epoch().
  void Pictures(const Progress& progress, const std::vector<metrics::Detection>& detections,
                ImageCache* cache);
  // The run's last word. One that was interrupted has none: it may go on.
  void End(int epochs, bool success);

 private:
  std::int64_t StepNumber(const Progress& progress) const { return progress.epoch * steps_ + progress.step; }
  // Nothing of an epoch whose last step is done: its sums begin anew.
  Progress OfThisEpoch(const Progress& progress) const;
  void AddRates(double lr, Summary* summary) const;

  const RunData& data_;
  const std::int64_t steps_;  // An epoch.
  const double layer_decay_;
  std::vector<datasets::Image> pictures_;
  EventFile file_;
  Progress shown_;  // When losses were last said; of this epoch.
};

}  // namespace yoake::trainer
