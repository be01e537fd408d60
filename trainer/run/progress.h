#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/trial_event.h"
#include "trainer/config/train_config.h"

namespace yoake::trainer {

// Where a run stands between two steps: with weights, average and momentum, all that a resume needs.
struct Progress {
  int epoch = 0;                                        // Finished epochs, so the one in progress from 0.
  std::int64_t step = 0;                                // Steps done in the epoch in progress.
  double seconds = 0;                                   // Trained so far, by all processes of the run.
  double loss = 0, bbox = 0, obj = 0, cls = 0, l1 = 0;  // Sums over the steps of the epoch in progress.
  std::map<LossRole, double> shares{};                  // Sums of GradientShares, over so many looks.
  int looks = 0;
  int best_epoch = 0;            // From 1; 0: none yet.
  int improved_epoch = 0;        // The last whose value was greater, or the best still 0.
  std::optional<double> best{};  // Its value of evaluation.metric; absent: undefined.
  Metrics best_metrics{};        // All of its metrics.
};

nlohmann::json ToJson(const Progress& progress);
// Throws nlohmann's exceptions on a damaged checkpoint.
Progress ProgressFromJson(const nlohmann::json& json);

nlohmann::json MetricsToJson(const Metrics& metrics);

// Throws Error{kConfig} naming the first key that differs and matters for the numbers of the steps to come.
// Device, processes, threads, workers, cache, leave to shrink images, evaluation, TensorBoard, tests,
// data.val, patience and budget may differ; a key that the checkpoint's version did not know has its default.
void RequireSameRun(const nlohmann::json& saved_config, const TrainConfig& config, const std::string& where);

}  // namespace yoake::trainer
