#pragma once

#include <memory>
#include <optional>

#include "search/pruner.h"

namespace yoake::search {

// Prunes a trial whose value is NaN or outside fixed limits (Optuna's ThresholdPruner): a loss that has
// exploded, an mAP that is still nothing after the warm-up. The only pruner that needs no other trial.
struct ThresholdOptions {
  // At least one of the two; a value below `lower` or above `upper` is pruned. lower <= upper.
  std::optional<double> lower;
  std::optional<double> upper;

  int n_warmup_steps = 0;  // Steps that are never pruned. At least 0.
  int interval_steps = 1;  // Looks once every so many steps. At least 1.

  void Validate() const;
};

std::unique_ptr<Pruner> MakeThresholdPruner(ThresholdOptions options);

// {"type":"threshold", <fields of ThresholdOptions>}.
std::unique_ptr<Pruner> MakeThresholdPruner(const JsonReader& reader);

}  // namespace yoake::search
