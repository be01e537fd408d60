#pragma once

#include <filesystem>
#include <functional>
#include <variant>

#include "core/trial_event.h"
#include "trainer/config/train_config.h"
#include "trainer/data/run_data.h"
#include "trainer/run/failure.h"
#include "trainer/run/memory_steps.h"
#include "trainer/run/process_group.h"

namespace yoake::trainer {

struct TrainOptions {
  std::filesystem::path folder;  // The run's folder (run_folder.h); created when absent.
  bool resume = false;           // Go on from weights/last.pt; without one, start from the beginning.
  // Asked after every step and between batches of an evaluation; true: write weights/last.pt and end as
  // kInterrupted. May be empty.
  std::function<bool()> stop{};
  int rank = 0;  // Among config.nproc_per_node processes; 0 leads, evaluates and writes.
  // Of this run's earlier attempts, see attempts.h. The configuration given to Train() is then what is left,
  // and stands in the result; config.json and a resume keep to what was asked.
  std::optional<GivenUp> given_up{};
};

using TrainOutcome = std::variant<TrialFinished, TrialFailed, OutOfMemory, PeerLost>;

// Trains, evaluates on data.val with the averaged weights, keeps the best and the last, scores every test set
// with the best. Writes everything that interfaces.md names into the folder and follows the trial protocol in
// its events.jsonl.
//
// What goes wrong during the run is a value: a loss that is not finite (kDiverged, naming the batch), an
// image that turns out damaged (kData), a stop (kInterrupted), the rest (kInternal). OutOfMemory is not a
// trial's end yet and writes no event: attempts.h goes on with less. A resume goes on at the very step and
// gives the numbers of an uninterrupted run. Throws Error{kConfig} when the checkpoint to resume belongs to
// another configuration.
//
// With nproc_per_node processes each calls this with its rank. What they decide together (a stop, a
// divergence) the leader reports and the others end as finished; what goes wrong in one of them that one
// reports, and the others end as PeerLost.
TrainOutcome Train(const TrainConfig& config, const RunData& data, const TrainOptions& options);

}  // namespace yoake::trainer
