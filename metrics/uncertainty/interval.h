#pragma once

#include <limits>
#include <optional>
#include <vector>

namespace yoake::metrics {

// A number that was observed on a set, and what it became when the set was resampled.
struct Draws {
  double observed = 0;
  std::vector<double> replicates;
  std::vector<double> jackknife;  // Units left out; may be empty (BCa then has no acceleration).
  double df = std::numeric_limits<double>::infinity();  // With which the spread of `replicates` is known.

  // All truth lies in one unit: whatever is drawn, the number stays, and that says nothing about others.
  bool one_unit = false;

  // Variance that the images cannot show, between trainings; added to that of `replicates`.
  double between_seeds = 0;
  double between_seeds_df = 0;
};

enum class IntervalMethod {
  kStudent,     // observed +- t * spread of the replicates, t with the degrees of freedom above.
  kPercentile,  // Quantiles of the replicates (Efron 1979).
  kBca,         // The same, corrected for bias and acceleration (Efron 1987).
};

// A two-sided interval and the p-value of "the true value is 0" that belongs to it: p < 1 - confidence
// exactly when 0 lies outside.
struct Interval {
  double low = 0;
  double high = 0;
  double p = 1;
  double standard_error = 0;
  double df = std::numeric_limits<double>::infinity();
};

// kStudent is what `yoake compare` uses, by measured coverage (docs/uncertainty.md); it alone takes
// between_seeds into account. Of one unit a number other than 0 gets the interval from -1 to 1 and p 1.
// Without replicates or without spread the interval is the number itself, p 1 when that is 0, else 0.
Interval MakeInterval(const Draws& draws, double confidence,
                      IntervalMethod method = IntervalMethod::kStudent);

// P(an estimate of this standard error lies `distance` or more above 0 | the true value is 0).
double UpperTail(double distance, double standard_error, double df);

}  // namespace yoake::metrics
