#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/study_results.h"

namespace yoake::reports {

// One combination of the factors' levels with its trials. Borrows the StudyResults it was made from.
struct Combination {
  std::map<std::string, std::string> variant;
  std::string label;                       // "relabelled / focal_ciou"; "best trial" without variants.
  std::vector<const TrialResult*> trials;  // Ascending numbers.
  const TrialResult* best = nullptr;       // Null while none finished with a value.

  std::size_t Count(search::TrialState state) const;  // Without repeated runs.
};

// Every combination that has a trial, in the order of the factors and their levels (first factor slowest). A
// study without variants is one combination; a study without trials has none.
std::vector<Combination> Combinations(const StudyResults& results);

// Those with a best trial.
std::vector<Combination> FinishedCombinations(const StudyResults& results);

// Places in `combinations` of the `limit` that have the best trials, ascending; those without a finished
// trial come last in the choice.
std::vector<std::size_t> Leading(const StudyResults& results, const std::vector<Combination>& combinations,
                                 std::size_t limit);

// What another run of the trial's configuration is expected to give: the estimate where runs were repeated,
// else its value.
std::optional<double> Expected(const TrialResult& trial);

// "0.605 ± 0.010 expected of another run (5 runs)", or the value alone.
std::string ExpectedText(const TrialResult& trial);

// Finished trials with a value, one a configuration, the best by Expected first; equal ones by number.
std::vector<const TrialResult*> Ranking(const StudyResults& results);

bool IsBetter(double a, double b, search::Direction direction);

// "relabelled / focal_ciou": the levels in the factors' order; "" without variants.
std::string VariantLabel(const StudyResults& results, const TrialResult& trial);

// The names of all test sets that some trial was scored on, sorted.
std::vector<std::string> TestNames(const StudyResults& results);

// True when the finished trials' configurations name more than one validation set ("data.val"): their values
// then compare within a combination only.
bool ValidationDiffers(const StudyResults& results);
bool ValidationDiffers(const TrialResult& a, const TrialResult& b);

// The table column by which trials are compared on a test set: the study's metric when it is one that
// `result` knows ("mAP_50", "person.mAP"), else "mAP" (a study may search by a loss or another program's
// metric).
std::string TestMetric(const StudyResults& results, const metrics::EvalResult& result);

}  // namespace yoake::reports
