#include "search/samplers/parzen.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>
#include <utility>

#include "search/samplers/truncated_normal.h"

namespace yoake::search {
namespace {

constexpr int kRecent = 25;  // Observations that keep their full weight.
constexpr std::size_t kManyObservations = 64;
constexpr std::size_t kRows =
    4;  // Points at a time: few enough for their terms to stay in the nearest cache.
constexpr double kLeastWidth = 1e-12;  // Without the magic clip.

// Each point's larger distance to its neighbours within [low, high], the range's ends being neighbours too;
// with two points and more the ends count only when the options say so. Equal points stand by index.
std::vector<double> Distances(std::span<const double> points, double low, double high,
                              bool consider_endpoints) {
  const std::size_t m = points.size();
  std::vector<std::pair<double, std::size_t>> sorted(m);
  for (std::size_t i = 0; i < m; ++i) sorted[i] = {points[i], i};
  std::sort(sorted.begin(), sorted.end());
  const bool ends = consider_endpoints || m < 2;
  std::vector<double> distances(m);
  for (std::size_t i = 0; i < m; ++i) {
    const double x = sorted[i].first;
    double& distance = distances[sorted[i].second];
    if (i > 0 || ends) distance = x - (i == 0 ? low : sorted[i - 1].first);
    if (i + 1 < m || ends) distance = std::max(distance, (i + 1 == m ? high : sorted[i + 1].first) - x);
  }
  return distances;
}

// Each point's larger distance to its neighbours, but at least `least`.
// The same as by sorting, in linear time and without a branch that depends on a point: those that share a
// bucket narrower than `least` are near enough, so that only the first and the last of each bucket, of equal
// ones by index, need a look.
std::vector<double> WideDistances(std::span<const double> points, double low, double high, double least,
                                  bool consider_endpoints) {
  const double scale = 1.25 / least;
  const std::size_t m = points.size(), n_buckets = static_cast<std::size_t>((high - low) * scale) + 2;
  std::vector<std::uint32_t> bucket(m);
  for (std::size_t i = 0; i < m; ++i) {
    const double place = std::min((points[i] - low) * scale, static_cast<double>(n_buckets - 1));
    bucket[i] = static_cast<std::uint32_t>(static_cast<int>(std::max(0.0, place)));
  }
  struct Bucket {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    std::size_t first = 0, last = 0;
  };
  std::vector<Bucket> buckets(n_buckets);
  for (std::size_t i = 0; i < m; ++i) {
    Bucket& b = buckets[bucket[i]];
    const double x = points[i];
    b.first = x < b.low ? i : b.first;
    b.low = x < b.low ? x : b.low;
    b.last = x >= b.high ? i : b.last;
    b.high = x >= b.high ? x : b.high;
  }
  std::vector<double> distances(m, least);
  const Bucket* before = nullptr;
  for (const Bucket& b : buckets) {
    if (b.low > b.high) continue;  // Empty.
    const double gap = b.low - (before == nullptr ? low : before->high);
    if (before != nullptr || consider_endpoints) distances[b.first] = std::max(distances[b.first], gap);
    if (before != nullptr) distances[before->last] = std::max(distances[before->last], gap);
    before = &b;
  }
  if (consider_endpoints) distances[before->last] = std::max(distances[before->last], high - before->high);
  return distances;
}

}  // namespace

std::vector<double> LinearForgetting(int m) {
  std::vector<double> weights(static_cast<std::size_t>(m), 1);
  const int old = m - kRecent;
  for (int i = 0; i < old; ++i) {
    const double first = 1.0 / m;
    weights[static_cast<std::size_t>(i)] = old == 1 ? first : first + (1 - first) * i / (old - 1);
  }
  return weights;
}

ParzenEstimator::ParzenEstimator(const std::vector<Distribution>& space, const ColumnViews& observations,
                                 const std::vector<double>& weights, const ParzenOptions& options)
    : weights_(weights) {
  weights_.push_back(weights.empty() ? 1 : options.prior_weight);
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  for (double& weight : weights_) weight /= sum;
  const auto n_numeric = static_cast<std::size_t>(
      std::count_if(space.begin(), space.end(), [](const Distribution& d) { return AsNumeric(d); }));
  kernels_ = Matrix(2 * n_numeric, weights_.size());
  std::size_t place = 0;
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (const auto range = AsNumeric(space[d])) {
      parameters_.emplace_back(MakeNumeric(*range, observations[d], options, place));
      place += 2;
    } else {
      const auto& choices = std::get<CategoricalDistribution>(space[d]).choices;
      parameters_.emplace_back(MakeCategorical(choices.size(), observations[d], options));
    }
  }
  SetConstants();
}

ParzenEstimator::Numeric ParzenEstimator::MakeNumeric(const NumericRange& range,
                                                      std::span<const double> observations,
                                                      const ParzenOptions& options, std::size_t place) {
  Numeric p{range, range.low - range.step / 2, range.high + range.step / 2, place, {}, {}};
  const std::size_t m = observations.size();
  double* const mu = kernels_[place];
  double* const factor = kernels_[place + 1];
  std::copy(observations.begin(), observations.end(), mu);
  if (range.log) {
    p.low = std::log(p.low);
    p.high = std::log(p.high);
    for (std::size_t k = 0; k < m; ++k) mu[k] = std::log(mu[k]);
  }
  const double widest = p.high - p.low;
  const double narrowest =
      options.consider_magic_clip ? widest / std::min(100.0, 2.0 + static_cast<double>(m)) : kLeastWidth;
  const std::span<const double> points(mu, m);
  const std::vector<double> widths =
      options.consider_magic_clip && m >= kManyObservations
          ? WideDistances(points, p.low, p.high, narrowest, options.consider_endpoints)
          : Distances(points, p.low, p.high, options.consider_endpoints);
  const auto factor_of = [](double sigma) { return 1 / (std::numbers::sqrt2 * sigma); };
  std::fill(factor, factor + m, factor_of(narrowest));
  for (std::size_t k = 0; k < m; ++k) {
    if (widths[k] > narrowest) factor[k] = factor_of(std::min(widths[k], widest));
  }
  mu[m] = 0.5 * (p.low + p.high);
  factor[m] = factor_of(widest);
  if (p.continuous()) return p;
  std::map<std::pair<double, double>, std::size_t> seen;
  for (std::size_t k = 0; k <= m; ++k) {
    const auto [known, is_new] = seen.try_emplace({mu[k], factor[k]}, p.distinct.size());
    if (is_new) p.distinct.push_back(k);
    p.equal_to.push_back(known->second);
  }
  return p;
}

ParzenEstimator::Categorical ParzenEstimator::MakeCategorical(std::size_t n_choices,
                                                              std::span<const double> observations,
                                                              const ParzenOptions& options) {
  Categorical p;
  p.n_choices = n_choices;
  p.observed.assign(observations.begin(), observations.end());
  const double everywhere = options.prior_weight / static_cast<double>(p.observed.size() + 1);
  const double sum = 1 + everywhere * static_cast<double>(n_choices);
  p.hit = (1 + everywhere) / sum;
  p.miss = everywhere / sum;
  return p;
}

// A kernel is normalised by its mass within the domain, a density by its width as well. Their products cost
// one logarithm a component; so few factors of 1e12 at most cannot overflow.
void ParzenEstimator::SetConstants() {
  constexpr std::size_t kFactors = 16;
  constexpr double kFar = 6.1;  // Beyond, erfc is nothing beside 1.
  const std::size_t n = weights_.size();
  std::vector<double> height = weights_, mass(n, 1), near(2 * n);
  std::vector<std::size_t> of(2 * n);  // Component of each entry of `near`.
  constant_.assign(n, 0);
  const auto take_logs = [&] {
    for (std::size_t k = 0; k < n; ++k) constant_[k] += std::log(height[k] / mass[k]);
  };
  std::size_t n_factors = 0;
  for (const Parameter& parameter : parameters_) {
    const auto* p = std::get_if<Numeric>(&parameter);
    if (p == nullptr) continue;
    if (++n_factors % kFactors == 0) {
      take_logs();
      height.assign(n, 1);
      mass.assign(n, 1);
    }
    const double* const mu = kernels_[p->place];
    const double* const factor = kernels_[p->place + 1];
    std::size_t n_near = 0;
    for (std::size_t k = 0; k < n; ++k) {  // Kept or overwritten, without a branch.
      for (const double distance : {mu[k] - p->low, p->high - mu[k]}) {
        near[n_near] = distance * factor[k];
        of[n_near] = k;
        n_near += near[n_near] < kFar ? 1 : 0;
      }
    }
    ErfcInPlace(near.data(), n_near);
    for (std::size_t i = 0; i < n_near; ++i) {
      const bool both = i + 1 < n_near && of[i] == of[i + 1];
      mass[of[i]] *= 1 - 0.5 * (near[i] + (both ? near[i + 1] : 0));
      i += both ? 1 : 0;
    }
    if (!p->continuous()) continue;
    const double widest = p->high - p->low;
    for (std::size_t k = 0; k < n; ++k) height[k] *= factor[k] * widest;
    const double shared = std::log(widest) + 0.5 * std::log(std::numbers::pi);
    for (double& constant : constant_) constant -= shared;
  }
  take_logs();
}

double ParzenEstimator::Draw(const Numeric& p, std::size_t component, RandomStream* stream) const {
  const double mu = kernels_[p.place][component];
  const double sigma = 1 / (std::numbers::sqrt2 * kernels_[p.place + 1][component]);
  const double z = TruncatedNormalQuantile(stream->Uniform(), (p.low - mu) / sigma, (p.high - mu) / sigma);
  const double x = mu + sigma * z;
  return Snap(p.range, p.range.log ? std::exp(x) : x);
}

double ParzenEstimator::Draw(const Categorical& p, std::size_t component, RandomStream* stream) const {
  const auto uniform = [&] { return static_cast<double>(stream->Below(p.n_choices)); };
  if (component == p.observed.size()) return uniform();
  // hit = (hit - miss) + miss: the observed choice, or else any.
  return stream->Chance(p.hit - p.miss) ? p.observed[component] : uniform();
}

Columns ParzenEstimator::Sample(int n, RandomStream* stream) const {
  std::vector<double> cumulative(weights_.size());
  std::partial_sum(weights_.begin(), weights_.end(), cumulative.begin());
  Columns points(parameters_.size());
  for (int i = 0; i < n; ++i) {
    const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), stream->Uniform());
    const auto component =
        std::min(static_cast<std::size_t>(found - cumulative.begin()), cumulative.size() - 1);
    for (std::size_t d = 0; d < parameters_.size(); ++d) {
      points[d].push_back(std::visit(
          [&](const auto& parameter) { return Draw(parameter, component, stream); }, parameters_[d]));
    }
  }
  return points;
}

std::vector<double> ParzenEstimator::LogMasses(const Numeric& p, double x) const {
  const double* const mu = kernels_[p.place];
  const double* const factor = kernels_[p.place + 1];
  double from = x - p.range.step / 2, to = x + p.range.step / 2;
  if (p.range.log) {
    from = std::log(from);
    to = std::log(to);
  }
  std::vector<double> masses;
  for (const std::size_t k : p.distinct) {
    const double inverse = std::numbers::sqrt2 * factor[k];
    masses.push_back(LogNormalMass((from - mu[k]) * inverse, (to - mu[k]) * inverse));
  }
  return masses;
}

void ParzenEstimator::AddTerms(const Numeric& p, const double* xs, std::size_t count, Masses* masses,
                               Matrix* terms) const {
  Matrix& t = *terms;
  const std::size_t n = constant_.size();
  if (p.continuous()) {
    double x[kRows] = {};
    for (std::size_t row = 0; row < count; ++row) x[row] = p.range.log ? std::log(xs[row]) : xs[row];
    double* const rows[kRows] = {t[0], t[1], t[2], t[3]};
    SubtractSquares(rows, n, x, kernels_[p.place], kernels_[p.place + 1]);
    return;
  }
  for (std::size_t row = 0; row < count; ++row) {
    std::vector<double>& mass = (*masses)[xs[row]];
    if (mass.empty()) mass = LogMasses(p, xs[row]);
    for (std::size_t k = 0; k < n; ++k) t[row][k] += mass[p.equal_to[k]];
  }
}

void ParzenEstimator::AddTerms(const Categorical& p, const double* xs, std::size_t count, Masses*,
                               Matrix* terms) const {
  const double log_hit = std::log(p.hit), log_miss = std::log(p.miss);
  const std::size_t prior = p.observed.size();
  for (std::size_t row = 0; row < count; ++row) {
    double* const term = (*terms)[row];
    for (std::size_t k = 0; k < prior; ++k) term[k] += p.observed[k] == xs[row] ? log_hit : log_miss;
    term[prior] -= std::log(static_cast<double>(p.n_choices));
  }
}

std::vector<double> ParzenEstimator::LogDensity(const Columns& points) const {
  const std::size_t n_points = points.empty() ? 0 : points.front().size(), n = constant_.size();
  std::vector<Masses> masses(parameters_.size());
  std::vector<double> densities;
  Matrix terms(kRows, n);
  for (std::size_t first = 0; first < n_points; first += kRows) {
    const std::size_t count = std::min(kRows, n_points - first);
    for (std::size_t row = 0; row < count; ++row) std::copy(constant_.begin(), constant_.end(), terms[row]);
    for (std::size_t d = 0; d < parameters_.size(); ++d) {
      std::visit([&](const auto& p) { AddTerms(p, &points[d][first], count, &masses[d], &terms); },
                 parameters_[d]);
    }
    for (std::size_t row = 0; row < count; ++row) densities.push_back(LogSumExp(terms[row], n));
  }
  return densities;
}

}  // namespace yoake::search
