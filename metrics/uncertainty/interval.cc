#include "metrics/uncertainty/interval.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "metrics/uncertainty/statistics.h"

namespace yoake::metrics {
namespace {

Interval Student(const Draws& draws, double confidence) {
  const std::array<KnownVariance, 2> parts = {
      {{Variance(draws.replicates), draws.df}, {draws.between_seeds, draws.between_seeds_df}}};
  Interval interval;
  interval.standard_error = std::sqrt(parts[0].variance + parts[1].variance);
  interval.df = SatterthwaiteDf(parts);
  const double half = -StudentQuantile((1 - confidence) / 2, interval.df) * interval.standard_error;
  interval.low = draws.observed - half;
  interval.high = draws.observed + half;
  interval.p = std::min(1.0, 2 * UpperTail(std::abs(draws.observed), interval.standard_error, interval.df));
  return interval;
}

// Linear between order statistics, numpy's default.
double SortedQuantile(const std::vector<double>& sorted, double probability) {
  const double position = std::clamp(probability, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// The share of the replicates below `value`, equal ones counted half, kept off 0 and 1.
double ShareBelow(const std::vector<double>& sorted, double value) {
  const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), value);
  const double below = static_cast<double>((low - sorted.begin()) + (high - sorted.begin())) / 2;
  const auto n = static_cast<double>(sorted.size());
  return (below + 0.5) / (n + 1);
}

// Efron's a: the skewness of the jackknife values over 6.
double Acceleration(const std::vector<double>& jackknife) {
  if (jackknife.size() < 2) return 0;
  const double mean = Mean(jackknife);
  double squares = 0;
  double cubes = 0;
  for (const double value : jackknife) {
    const double gap = mean - value;
    squares += gap * gap;
    cubes += gap * gap * gap;
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

// Both methods read the replicates at shifted probabilities; the percentile interval has no shift.
Interval Quantiles(const Draws& draws, double confidence, double bias, double acceleration) {
  std::vector<double> sorted = draws.replicates;
  std::sort(sorted.begin(), sorted.end());
  const auto end = [&](double probability) {  // Efron and Tibshirani 1993, equation 14.10.
    const double z = bias + NormalQuantile(probability);
    return SortedQuantile(sorted, NormalCdf(bias + z / (1 - acceleration * z)));
  };
  Interval interval;
  interval.low = end((1 - confidence) / 2);
  interval.high = end((1 + confidence) / 2);
  // The same equation solved for the confidence at which an end is 0.
  const double shifted = NormalQuantile(ShareBelow(sorted, 0)) - bias;
  const double z = shifted / (1 + acceleration * shifted) - bias;
  interval.p = std::min(1.0, 2 * NormalCdf(-std::abs(z)));
  interval.standard_error = std::sqrt(Variance(sorted));
  return interval;
}

}  // namespace

double UpperTail(double distance, double standard_error, double df) {
  if (standard_error <= 0) return distance > 0 ? 0 : (distance < 0 ? 1 : 0.5);
  return StudentCdf(-distance / standard_error, df);
}

Interval MakeInterval(const Draws& draws, double confidence, IntervalMethod method) {
  if (draws.one_unit && draws.observed != 0) return {-1, 1, 1, 1, 1};
  if (method == IntervalMethod::kStudent || draws.replicates.empty() || Variance(draws.replicates) == 0) {
    return Student(draws, confidence);
  }
  if (method == IntervalMethod::kPercentile) return Quantiles(draws, confidence, 0, 0);
  std::vector<double> sorted = draws.replicates;
  std::sort(sorted.begin(), sorted.end());
  return Quantiles(draws, confidence, NormalQuantile(ShareBelow(sorted, draws.observed)),
                   Acceleration(draws.jackknife));
}

}  // namespace yoake::metrics
