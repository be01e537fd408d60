#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "search/history.h"

namespace yoake {
class JsonReader;
}

namespace yoake::search {

// How much each parameter matters, learnt from the complete trials of a history.
enum class ImportanceMethod {
  // Share of the objective's variance over the whole space that the parameter explains alone (Hutter et al.,
  // 2014): what is left to 1 are interactions. Right where the trials cover the space.
  kFanova,
  // How much the best trials' values of the parameter differ from all trials' (Watanabe et al., 2023),
  // scaled so that the sum is 1: what mattered for getting good. Right also when a sampler has looked at good
  // regions mostly; blind to interactions.
  kPedAnova,
};
std::string ToString(ImportanceMethod method);  // "fanova", "ped-anova".
ImportanceMethod ParseImportanceMethod(const std::string& text);

struct ImportanceOptions {
  ImportanceMethod method = ImportanceMethod::kFanova;

  // Of a study with several: its name or place (pruners/objective.h).
  std::string objective;

  // Repetitions under seeds of their own, each on trials drawn with replacement; the interval runs from the
  // 10th to the 90th percentile of them. At least 1, then without an interval.
  int repeats = 10;
  std::uint64_t seed = 0;

  // PED-ANOVA: share of the trials that counts as best, in (0, 1).
  double quantile = 0.1;

  // fANOVA: regression trees a repetition, at least 2.
  int trees = 16;

  void Validate() const;
};

struct ParameterImportance {
  std::string name;
  double importance = 0;  // 0 .. 1.
  double low = 0;         // The interval's ends.
  double high = 0;
  std::size_t trials = 0;  // That had the parameter; less than all for a conditional one.
};

struct Importance {
  std::vector<ParameterImportance> parameters;  // Most important first; equal ones by name.
  double rest = 0;                              // fANOVA: the share of interactions; PED-ANOVA: 0.
  std::size_t trials = 0;                       // Complete ones with a finite value.
};

// A parameter that only exists under a condition counts within the region where it exists: fANOVA gives the
// region's share of the space times the variance within, PED-ANOVA compares trials that have it. Parameters
// of one possible value, and those whose distribution changed its kind, are left out. Throws Error{kUsage}
// with fewer than 4 complete trials. Deterministic. 1000 trials of 10 parameters: some 0.2 s (fANOVA).
Importance ComputeImportance(const History& history, const ImportanceOptions& options);

}  // namespace yoake::search
