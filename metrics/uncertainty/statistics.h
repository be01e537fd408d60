#pragma once

#include <span>
#include <vector>

namespace yoake::metrics {

// Distribution functions, to about 1e-12. Throw Error{kInternal} outside their domain.

double NormalCdf(double z);
double NormalQuantile(double probability);  // In (0, 1).

// Student's t with `df` > 0 degrees of freedom, a real number; infinity is the normal distribution.
double StudentCdf(double t, double df);
double StudentQuantile(double probability, double df);  // In (0, 1).

// Holm (1979): p-values adjusted so that calling every one below alpha a finding errs anywhere among them
// with probability alpha at most. In the order given; at most 1.
std::vector<double> HolmAdjusted(std::span<const double> p_values);

double Mean(std::span<const double> values);      // Of at least one.
double Variance(std::span<const double> values);  // Divided by n - 1; 0 of fewer than two.

// Welch and Satterthwaite: the degrees of freedom of a sum of independent variances, each known with its own;
// infinity when all are 0.
struct KnownVariance {
  double variance = 0;
  double df = 0;
};
double SatterthwaiteDf(std::span<const KnownVariance> parts);

}  // namespace yoake::metrics
