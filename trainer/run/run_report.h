#pragma once

#include <c10/core/Device.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/trial_event.h"
#include "metrics/detections.h"
#include "trainer/config/train_config.h"
#include "trainer/data/image_cache.h"
#include "trainer/data/run_data.h"
#include "trainer/run/progress.h"
#include "trainer/run/progress_bar.h"
#include "trainer/run/results_csv.h"
#include "trainer/run/run_folder.h"
#include "trainer/tensorboard/run_board.h"

namespace yoake::trainer {

// What a person sees of a run while it goes on: the progress line, a log line an epoch, results.csv,
// results.svg and TensorBoard's events. It only looks: nothing here changes a number of the training.
class RunReport {
 public:
  // All are borrowed.
  RunReport(const TrainConfig& config, const RunData& data, const RunFolder& folder, c10::Device device,
            std::int64_t steps_per_epoch);

  // Before the first step. A run that goes on keeps the rows of the epochs that its checkpoint knows.
  void Begin(const Progress& progress);

  // After each step; `lr` is the step's.
  void Step(const Progress& progress, double lr);
  // Something that takes a while: "evaluating".
  void Doing(const Progress& progress, const std::string& activity);
  // After each evaluation, with the detections of data.val.
  void Evaluated(const Progress& progress, const std::vector<metrics::Detection>& detections,
                 ImageCache* cache);
  // After each epoch: adds memory to `row` and to `metrics`, which then go into the event.
  void Epoch(EpochRow row, Metrics* metrics);
  // The run ends as it should; a failed one says so to TensorBoard only (Failed).
  void Finished();
  void Failed();

  double peak_rss_mb() const;
  std::optional<double> peak_gpu_mb() const;

 private:
  using Clock = std::chrono::steady_clock;

  StepView View(const Progress& progress) const;
  void WritePicture(int epochs) const;

  const TrainConfig& config_;
  const RunData& data_;
  const RunFolder& folder_;
  const c10::Device device_;
  const std::int64_t steps_;  // An epoch.
  std::vector<EpochRow> rows_;
  std::unique_ptr<RunBoard> board_;  // Null: switched off.
  ProgressBar bar_;
  Clock::time_point begin_ = Clock::now();        // Of this process's first step, about.
  Clock::time_point epoch_begin_ = Clock::now();  // Of this process's part of the epoch.
  std::int64_t steps_before_ = 0;                 // Done by processes before this one.
  std::int64_t epoch_steps_before_ = 0;           // Of those, in the epoch in progress.
};

}  // namespace yoake::trainer
