#pragma once

#include <memory>
#include <string>

#include "search/pruner.h"

namespace yoake::search {

// Shields another pruner's victims while they improve (Optuna's PatientPruner): the wrapped pruner is asked
// only when the best of a trial's last patience + 1 reports is worse than the best before them by more than
// min_delta. Without a wrapped pruner that alone prunes: early stopping. NaN is no value.
struct PatientOptions {
  // Reports without improvement that are borne; at least 0.
  int patience = 0;

  // By how much the best before must beat the window's best, in the objective's unit; at least 0.
  double min_delta = 0;

  std::string objective;  // Of a study with several (objective.h).

  void Validate() const;
};

// `wrapped` may be null.
std::unique_ptr<Pruner> MakePatientPruner(PatientOptions options, std::unique_ptr<Pruner> wrapped);

// {"type":"patient", "patience":3, "min_delta":0, "wrapped": a pruner as in a study file}.
std::unique_ptr<Pruner> MakePatientPruner(const JsonReader& reader);

}  // namespace yoake::search
