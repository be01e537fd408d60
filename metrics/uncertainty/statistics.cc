#include "metrics/uncertainty/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <numeric>

#include "core/error.h"

namespace yoake::metrics {
namespace {

void Require(bool fine, const char* what) {
  if (!fine) throw Error(ErrorKind::kInternal, what);
}

// The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated from the front by Lentz's
// method.
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double value = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double step = 1;
    for (const double term : {even, odd}) {
      d = 1 + term * d;
      d = 1 / (std::abs(d) < kTiny ? kTiny : d);
      c = 1 + term / c;
      if (std::abs(c) < kTiny) c = kTiny;
      step = c * d;
      value *= step;
    }
    if (std::abs(step - 1) < 1e-15) break;
  }
  return value;
}

// Regularised incomplete beta function I_x(a, b).
double IncompleteBeta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * BetaFraction(a, b, x) / a
                                   : 1 - front * BetaFraction(b, a, 1 - x) / b;
}

// The x with cdf(x) = probability, by bisection: `cdf` is continuous and rises.
template <typename Cdf>
double Invert(double probability, const Cdf& cdf) {
  double low = -1;
  double high = 1;
  while (cdf(low) > probability) low *= 2;
  while (cdf(high) < probability) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-14 * std::max(std::abs(low), std::abs(high)); ++i) {
    const double middle = (low + high) / 2;
    (cdf(middle) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double NormalCdf(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

double NormalQuantile(double probability) {
  Require(probability > 0 && probability < 1, "normal quantile: the probability must lie between 0 and 1");
  return Invert(probability, NormalCdf);
}

double StudentCdf(double t, double df) {
  Require(df > 0, "Student's t: degrees of freedom must be positive");
  if (std::isinf(df) || df > 1e7) return NormalCdf(t);
  const double tail = IncompleteBeta(df / 2, 0.5, df / (df + t * t)) / 2;
  return t > 0 ? 1 - tail : tail;
}

double StudentQuantile(double probability, double df) {
  Require(probability > 0 && probability < 1, "t quantile: the probability must lie between 0 and 1");
  // By the lower tail, where the function has all its digits.
  if (probability > 0.5) return -StudentQuantile(1 - probability, df);
  return Invert(probability, [&](double t) { return StudentCdf(t, df); });
}

std::vector<double> HolmAdjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double highest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    highest = std::max(highest, static_cast<double>(order.size() - i) * p_values[order[i]]);
    adjusted[order[i]] = std::min(1.0, highest);
  }
  return adjusted;
}

// Both by the distance from the first value, so that equal values have exactly no variance.
double Mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value - values[0];
  return values[0] + sum / static_cast<double>(values.size());
}

double Variance(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double mean = Mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size() - 1);
}

double SatterthwaiteDf(std::span<const KnownVariance> parts) {
  double sum = 0;
  double squares = 0;
  for (const KnownVariance& part : parts) {
    sum += part.variance;
    if (part.variance > 0) squares += part.variance * part.variance / part.df;
  }
  return squares > 0 ? sum * sum / squares : std::numeric_limits<double>::infinity();
}

}  // namespace yoake::metrics
