#include "search/unit_interval.h"

#include <algorithm>
#include <cmath>

namespace yoake::search {
namespace {

// What u = 0 and u = 1 mean, in the range's scale.
struct Ends {
  double low;
  double high;
};

Ends EndsOf(const NumericRange& range) {
  const double half = range.step / 2;
  if (range.log) return {std::log(range.low - half), std::log(range.high + half)};
  return {range.low - half, range.high + half};
}

}  // namespace

double FromUnit(const Distribution& distribution, double u) {
  u = std::isnan(u) ? 0 : std::clamp(u, 0.0, 1.0);
  if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) {
    const auto n = static_cast<double>(d->choices.size());
    return std::min(std::floor(u * n), n - 1);
  }
  const NumericRange range = *AsNumeric(distribution);
  const Ends ends = EndsOf(range);
  const double x = ends.low + (ends.high - ends.low) * u;
  return Snap(range, range.log ? std::exp(x) : x);
}

double ToUnit(const Distribution& distribution, double internal) {
  if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) {
    return (internal + 0.5) / static_cast<double>(d->choices.size());
  }
  const NumericRange range = *AsNumeric(distribution);
  const Ends ends = EndsOf(range);
  if (ends.low == ends.high) return 0.5;
  return ((range.log ? std::log(internal) : internal) - ends.low) / (ends.high - ends.low);
}

}  // namespace yoake::search
