#pragma once

namespace yoake::search {

// The standard normal distribution cut to an interval, in logarithms, so that both tails keep full precision.

double NormalCdf(double x);  // Phi(x)

// ln Phi(x), down to x = -1e154.
double LogNormalCdf(double x);

// x with ln Phi(x) = log_p; log_p <= 0 (0 gives +inf, -inf gives -inf).
double InverseLogNormalCdf(double log_p);

// ln(Phi(b) - Phi(a)), a <= b, either may be infinite; -inf when a == b.
double LogNormalMass(double a, double b);

// The q-quantile, q in [0, 1], of the standard normal cut to [a, b]. Always within [a, b].
double TruncatedNormalQuantile(double q, double a, double b);

}  // namespace yoake::search
