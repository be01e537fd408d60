#include "search/samplers/log_improvement.h"

#include <cmath>
#include <numbers>

#include "search/samplers/constants.h"
#include "search/samplers/truncated_normal.h"

namespace yoake::search {
namespace {}  // namespace

ValueAndSlope LogImprovement(double z) {
  const double log_phi = -0.5 * z * z - kLogSqrt2Pi;
  if (z > -4) {
    const double cdf = 0.5 * std::erfc(-z / std::numbers::sqrt2);
    const double h = std::exp(log_phi) + z * cdf;
    return {std::log(h), cdf / h};
  }
  // Phi(-a) / phi(a) = 1 / (a + f), f = 1 / (a + 2 / (a + 3 / (a + ..))), so h = phi * f / (a + f).
  const double a = -z;
  double f = 0;
  for (int k = 60; k >= 1; --k) f = k / (a + f);
  return {log_phi + std::log(f / (a + f)), 1 / f};
}

ValueAndSlope LogProbability(double z) {
  const double value = LogNormalCdf(z);
  return {value, std::exp(-0.5 * z * z - kLogSqrt2Pi - value)};
}

}  // namespace yoake::search
