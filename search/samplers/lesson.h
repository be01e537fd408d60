#pragma once

#include <map>
#include <string>

#include "search/trial_record.h"

namespace yoake::search {

// What one trial can teach a sampler, whatever the sampler.

// The value with its sign turned where it is maximised.
double Minimised(double value, Direction direction);

// Complete, with `n` values, none of them NaN.
bool HasValues(const TrialRecord& trial, std::size_t n);

// Each constraint's value, above 0 where it is violated: the system attributes "constraints:<key>", or the
// list "constraints" of Optuna before 5. What is no number counts as infinite: nobody knows, so it is no
// good.
std::map<std::string, double> Constraints(const TrialRecord& trial);

// The sum of the violated constraints.
double Violation(const TrialRecord& trial);

// Whether the trial failed by what was asked of it: out of memory, diverged, timed out, crashed or without a
// reason. Not one that was interrupted from outside: the same parameters may do well.
bool FailedByItsParameters(const TrialRecord& trial);

// "out_of_memory", "diverged", ..: the user attribute "reason" where it is one of the known ones, else
// "failed".
std::string FailureKind(const TrialRecord& trial);

}  // namespace yoake::search
