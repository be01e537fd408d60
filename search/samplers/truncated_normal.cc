#include "search/samplers/truncated_normal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace yoake::search {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kLogSqrt2Pi = 0.5 * std::log(2 * std::numbers::pi);

double UpperTail(double x) { return 0.5 * std::erfc(x / std::numbers::sqrt2); }

// Phi(x) ~ phi(x)/|x| (1 - 1/x^2 + 3/x^4 - 15/x^6 + ..), Abramowitz and Stegun 26.2.12; x below -20.
double LogFarTail(double x) {
  const double r = 1 / (x * x);
  const double series = r * (-1 + r * (3 + r * (-15 + r * (105 + r * (-945 + r * 10395)))));
  return -0.5 * x * x - kLogSqrt2Pi - std::log(-x) + std::log1p(series);
}

// ln(e^larger - e^smaller).
double LogDifference(double larger, double smaller) {
  return larger == smaller ? -kInf : larger + std::log(-std::expm1(smaller - larger));
}

double LogSum(double a, double b) {
  const double larger = std::max(a, b);
  return larger == -kInf ? -kInf : larger + std::log1p(std::exp(std::min(a, b) - larger));
}

}  // namespace

double LogNormalCdf(double x) {
  if (x > 0) return std::log1p(-UpperTail(x));
  return x > -20 ? std::log(UpperTail(-x)) : LogFarTail(x);
}

double InverseLogNormalCdf(double log_p) {
  if (log_p == -kInf) return -kInf;
  if (log_p >= 0) return kInf;
  if (log_p > -std::numbers::ln2) return -InverseLogNormalCdf(std::log(-std::expm1(log_p)));
  // Newton on ln Phi, which is concave: after the first step it climbs to the root from the left.
  const double t = -2 * log_p;
  double x = log_p < -5 ? -std::sqrt(t - std::log(2 * std::numbers::pi) - std::log(t)) : -0.3 * t + 0.4;
  for (int i = 0; i < 30; ++i) {
    const double log_cdf = LogNormalCdf(x);
    const double slope = std::exp(-0.5 * x * x - kLogSqrt2Pi - log_cdf);
    const double step = (log_cdf - log_p) / slope;
    x -= step;
    if (std::abs(step) <= 1e-15 * std::max(1.0, std::abs(x))) break;
  }
  return x;
}

double LogNormalMass(double a, double b) {
  if (!(a < b)) return -kInf;
  if (a > 0) return LogNormalMass(-b, -a);
  const double width = b - a;
  const double mid = 0.5 * (a + b);
  if (width * std::max(1.0, std::abs(mid)) < 1e-3) {  // The mid-point rule with its second-order term.
    return -0.5 * mid * mid - kLogSqrt2Pi + std::log(width) + (mid * mid - 1) * width * width / 24;
  }
  if (b <= 0) return LogDifference(LogNormalCdf(b), LogNormalCdf(a));
  const double outside = (a < -38 ? 0 : UpperTail(-a)) + (b > 38 ? 0 : UpperTail(b));
  if (outside < 0.5) return std::log1p(-outside);
  return std::log(0.5 * (std::erf(b / std::numbers::sqrt2) - std::erf(a / std::numbers::sqrt2)));
}

double TruncatedNormalQuantile(double q, double a, double b) {
  if (!(a < b) || q <= 0) return a;
  if (q >= 1) return b;
  if (a > 0) return -TruncatedNormalQuantile(1 - q, -b, -a);
  const double x = InverseLogNormalCdf(LogSum(LogNormalCdf(a), std::log(q) + LogNormalMass(a, b)));
  return std::clamp(x, a, b);
}

}  // namespace yoake::search
