#include "search/samplers/truncated_normal.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "search/samplers/constants.h"

namespace yoake::search {
namespace {

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

template <std::size_t n>
double EvaluatePolynomial(const double (&coefficients)[n], double x) {
  double sum = 0;
  for (std::size_t i = n; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

// The normal quantile by rational functions, exact to about one part in 1e16 (Wichura, 1988, algorithm AS
// 241, PPND16): that of q + 1/2, |q| <= 0.425, and that of e^log_p, -700 < log_p < ln 0.075.
double CentralQuantile(double q) {
  constexpr double kUpper[] = {3.3871328727963666080,    1.3314166789178437745e+2, 1.9715909503065514427e+3,
                               1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                               3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr double kLower[] = {1,
                               4.2313330701600911252e+1,
                               6.8718700749205790830e+2,
                               5.3941960214247511077e+3,
                               2.1213794301586595867e+4,
                               3.9307895800092710610e+4,
                               2.8729085735721942674e+4,
                               5.2264952788528545610e+3};
  const double r = 0.180625 - q * q;
  return q * EvaluatePolynomial(kUpper, r) / EvaluatePolynomial(kLower, r);
}

double TailQuantile(double log_p) {
  constexpr double kUpper[] = {1.42343711074968357734,    4.63033784615654529590,   5.76949722146069140550,
                               3.64784832476320460504,    1.27045825245236838258,   2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr double kLower[] = {1,
                               2.05319162663775882187,
                               1.67638483018380384940,
                               6.89767334985100004550e-1,
                               1.48103976427480074590e-1,
                               1.51986665636164571966e-2,
                               5.47593808499534494600e-4,
                               1.05075007164441684324e-9};
  constexpr double kFarUpper[] = {6.65790464350110377720,    5.46378491116411436990,
                                  1.78482653991729133580,    2.96560571828504891230e-1,
                                  2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                  2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr double kFarLower[] = {1,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
  const double r = std::sqrt(-log_p);
  return r <= 5 ? -EvaluatePolynomial(kUpper, r - 1.6) / EvaluatePolynomial(kLower, r - 1.6)
                : -EvaluatePolynomial(kFarUpper, r - 5) / EvaluatePolynomial(kFarLower, r - 5);
}

// Of p < 0.51.
double LowerQuantile(double p) {
  return p > 0.075 ? CentralQuantile(p - 0.5) : InverseLogNormalCdf(std::log(p));
}

}  // namespace

double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double LogNormalCdf(double x) {
  if (x > 0) return std::log1p(-NormalCdf(-x));
  return x > -20 ? std::log(NormalCdf(x)) : LogFarTail(x);
}

double InverseLogNormalCdf(double log_p) {
  if (log_p == -kInf) return -kInf;
  if (log_p >= 0) return kInf;
  if (log_p > -std::numbers::ln2) return -InverseLogNormalCdf(std::log(-std::expm1(log_p)));
  if (log_p > std::log(0.075)) return CentralQuantile(std::exp(log_p) - 0.5);
  if (log_p > -700) return TailQuantile(log_p);
  // Newton on ln Phi, which is concave: after the first step it climbs to the root from the left.
  const double t = -2 * log_p;
  double x = -std::sqrt(t - std::log(2 * std::numbers::pi) - std::log(t));
  for (int i = 0; i < 30; ++i) {
    const double log_cdf = LogNormalCdf(x);
    const double slope = std::exp(-0.5 * x * x - kLogSqrt2Pi - log_cdf);
    const double step = (log_cdf - log_p) / slope;
    x -= step;
    if (std::abs(step) <= 1e-15 * std::abs(x)) break;
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
  const double outside = (a < -38 ? 0 : NormalCdf(a)) + (b > 38 ? 0 : NormalCdf(-b));
  if (outside < 0.5) return std::log1p(-outside);
  return std::log(0.5 * (std::erf(b / std::numbers::sqrt2) - std::erf(a / std::numbers::sqrt2)));
}

double TruncatedNormalQuantile(double q, double a, double b) {
  if (!(a < b) || q <= 0) return a;
  if (q >= 1) return b;
  if (a > 0) return -TruncatedNormalQuantile(1 - q, -b, -a);
  if (b > 0) {  // No probability is near to 0 but that of a tail: no need for logarithms.
    const double below = NormalCdf(a), above = NormalCdf(-b), mass = 1 - below - above;
    const double p = below + q * mass, rest = above + (1 - q) * mass;
    return std::clamp(p < rest ? LowerQuantile(p) : -LowerQuantile(rest), a, b);
  }
  const double x = InverseLogNormalCdf(LogSum(LogNormalCdf(a), std::log(q) + LogNormalMass(a, b)));
  return std::clamp(x, a, b);
}

}  // namespace yoake::search
