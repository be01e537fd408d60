#pragma once

#include <filesystem>
#include <functional>
#include <variant>

#include "core/trial_event.h"
#include "trainer/data/run_data.h"
#include "trainer/train_config.h"

namespace yoake::trainer {

struct TrainOptions {
  std::filesystem::path folder;  // The run's folder (run_folder.h); created when absent.
  bool resume = false;           // Go on from weights/last.pt; without one, start from the beginning.
  // Asked after every step and between batches of an evaluation; true: write weights/last.pt and end as
  // kInterrupted. May be empty.
  std::function<bool()> stop{};
};

using TrainOutcome = std::variant<TrialFinished, TrialFailed>;

// Trains, evaluates on data.val with the averaged weights, keeps the best and the last, scores every test set
// with the best. Writes everything that interfaces.md names into the folder and follows the trial protocol in
// its events.jsonl.
//
// What goes wrong during the run is a value: a loss that is not finite (kDiverged, naming the batch), no
// memory (kOutOfMemory), an image that turns out damaged (kData), a stop (kInterrupted), the rest
// (kInternal). A resume goes on at the very step and gives the numbers of an uninterrupted run. Throws
// Error{kConfig} when the checkpoint to resume belongs to another configuration.
TrainOutcome Train(const TrainConfig& config, const RunData& data, const TrainOptions& options);

}  // namespace yoake::trainer
