#include "search/samplers/parzen.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>

#include "search/samplers/dense.h"
#include "search/samplers/truncated_normal.h"

namespace yoake::search {
namespace {

constexpr int kRecent = 25;  // Observations that keep their full weight.
constexpr std::size_t kManyObservations = 64;
constexpr double kLeastWidth = 1e-12;  // Without the magic clip.

// Each point's larger distance to its neighbours within [low, high], the range's ends being neighbours too;
// with two points and more the ends count only when the options say so. Equal points stand by index.
std::vector<double> Distances(const std::vector<double>& points, double low, double high,
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

// Each point's larger distance to its neighbours, where it exceeds `least`; what is less counts as 0.
// The same as by sorting, in linear time: points that share a bucket narrower than `least` are near enough,
// so that only the first and the last of each bucket, of equal ones by index, need a look.
std::vector<double> WideDistances(const std::vector<double>& points, double low, double high, double least,
                                  bool consider_endpoints) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  const auto n_buckets = static_cast<std::size_t>((high - low) / least * 1.25) + 2;
  const double scale = 1.25 / least;
  std::vector<std::size_t> first(n_buckets, kNone), last(n_buckets, kNone);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto b =
        std::min(n_buckets - 1, static_cast<std::size_t>(std::max(0.0, (points[i] - low) * scale)));
    if (first[b] == kNone || points[i] < points[first[b]]) first[b] = i;
    if (last[b] == kNone || points[i] >= points[last[b]]) last[b] = i;
  }
  std::vector<double> distances(points.size(), 0);
  std::size_t before = kNone;
  for (std::size_t b = 0; b < n_buckets; ++b) {
    if (first[b] == kNone) continue;
    const bool outermost = before == kNone;
    const double gap = points[first[b]] - (outermost ? low : points[before]);
    if (!outermost || consider_endpoints) distances[first[b]] = std::max(distances[first[b]], gap);
    if (!outermost) distances[before] = std::max(distances[before], gap);
    before = last[b];
  }
  if (consider_endpoints) distances[before] = std::max(distances[before], high - points[before]);
  return distances;
}

double LogSumExp(std::vector<double>* terms) {
  const double largest = *std::max_element(terms->begin(), terms->end());
  if (!std::isfinite(largest)) return largest;
  for (double& term : *terms) term -= largest;
  ExpInPlace(terms->data(), terms->size());
  return largest + std::log(Sum(terms->data(), terms->size()));
}

// ln of a kernel's mass between the two ends, given in its widths; nothing is lost beyond nine of them.
double LogMassWithin(double from, double to) { return from < -9 && to > 9 ? 0 : LogNormalMass(from, to); }

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

ParzenEstimator::ParzenEstimator(const std::vector<Distribution>& space, const Columns& observations,
                                 const std::vector<double>& weights, const ParzenOptions& options)
    : weights_(weights) {
  weights_.push_back(weights.empty() ? 1 : options.prior_weight);
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  for (double& weight : weights_) weight /= sum;
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (const auto range = AsNumeric(space[d])) {
      parameters_.emplace_back(MakeNumeric(*range, observations[d], options));
    } else {
      const auto& choices = std::get<CategoricalDistribution>(space[d]).choices;
      parameters_.emplace_back(MakeCategorical(choices.size(), observations[d], options));
    }
  }
}

ParzenEstimator::Numeric ParzenEstimator::MakeNumeric(const NumericRange& range,
                                                      const std::vector<double>& observations,
                                                      const ParzenOptions& options) {
  Numeric p;
  p.range = range;
  p.low = range.low - range.step / 2;
  p.high = range.high + range.step / 2;
  p.mu = observations;
  if (range.log) {
    p.low = std::log(p.low);
    p.high = std::log(p.high);
    for (double& mu : p.mu) mu = std::log(mu);
  }
  const std::size_t m = p.mu.size();
  const double widest = p.high - p.low;
  const double narrowest =
      options.consider_magic_clip ? widest / std::min(100.0, 2.0 + static_cast<double>(m)) : kLeastWidth;
  p.sigma = options.consider_magic_clip && m >= kManyObservations
                ? WideDistances(p.mu, p.low, p.high, narrowest, options.consider_endpoints)
                : Distances(p.mu, p.low, p.high, options.consider_endpoints);
  for (double& sigma : p.sigma) sigma = std::clamp(sigma, narrowest, widest);
  p.mu.push_back(0.5 * (p.low + p.high));
  p.sigma.push_back(widest);
  p.log_mass.resize(m + 1);
  for (std::size_t k = 0; k <= m; ++k) {
    p.log_mass[k] = LogMassWithin((p.low - p.mu[k]) / p.sigma[k], (p.high - p.mu[k]) / p.sigma[k]);
  }
  return p;
}

ParzenEstimator::Categorical ParzenEstimator::MakeCategorical(std::size_t n_choices,
                                                              const std::vector<double>& observations,
                                                              const ParzenOptions& options) {
  Categorical p;
  p.n_choices = n_choices;
  p.observed = observations;
  const double everywhere = options.prior_weight / static_cast<double>(observations.size() + 1);
  const double sum = 1 + everywhere * static_cast<double>(n_choices);
  p.hit = (1 + everywhere) / sum;
  p.miss = everywhere / sum;
  return p;
}

double ParzenEstimator::Draw(const Numeric& p, std::size_t component, RandomStream* stream) {
  const double mu = p.mu[component];
  const double sigma = p.sigma[component];
  const double z = TruncatedNormalQuantile(stream->Uniform(), (p.low - mu) / sigma, (p.high - mu) / sigma);
  const double x = mu + sigma * z;
  return Snap(p.range, p.range.log ? std::exp(x) : x);
}

double ParzenEstimator::Draw(const Categorical& p, std::size_t component, RandomStream* stream) {
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

void ParzenEstimator::AddTerms(const Numeric& p, const std::vector<double>& xs, Columns* terms) {
  const std::size_t n = p.mu.size();
  if (p.range.step == 0) {
    std::vector<double> inverse(n);
    std::vector<double> constant(n);
    const double log_sqrt_2pi = 0.5 * std::log(2 * std::numbers::pi);
    double sigma = 0, log_sigma = 0;  // Most widths are the least one.
    for (std::size_t k = 0; k < n; ++k) {
      if (p.sigma[k] != sigma) {
        sigma = p.sigma[k];
        log_sigma = std::log(sigma);
      }
      inverse[k] = 1 / sigma;
      constant[k] = -log_sigma - log_sqrt_2pi - p.log_mass[k];
    }
    for (std::size_t row = 0; row < xs.size(); ++row) {
      const double x = p.range.log ? std::log(xs[row]) : xs[row];
      AddNormalTerms((*terms)[row].data(), n, x, p.mu.data(), inverse.data(), constant.data());
    }
    return;
  }
  std::map<double, std::vector<double>> seen;  // Grids repeat: each value is computed once.
  for (std::size_t row = 0; row < xs.size(); ++row) {
    std::vector<double>& masses = seen[xs[row]];
    if (masses.empty()) {
      double from = xs[row] - p.range.step / 2;
      double to = xs[row] + p.range.step / 2;
      if (p.range.log) {
        from = std::log(from);
        to = std::log(to);
      }
      for (std::size_t k = 0; k < n; ++k) {
        masses.push_back(LogNormalMass((from - p.mu[k]) / p.sigma[k], (to - p.mu[k]) / p.sigma[k]) -
                         p.log_mass[k]);
      }
    }
    for (std::size_t k = 0; k < n; ++k) (*terms)[row][k] += masses[k];
  }
}

void ParzenEstimator::AddTerms(const Categorical& p, const std::vector<double>& xs, Columns* terms) {
  const double log_hit = std::log(p.hit);
  const double log_miss = std::log(p.miss);
  for (std::size_t row = 0; row < xs.size(); ++row) {
    std::vector<double>& term = (*terms)[row];
    for (std::size_t k = 0; k < p.observed.size(); ++k)
      term[k] += p.observed[k] == xs[row] ? log_hit : log_miss;
    term.back() -= std::log(static_cast<double>(p.n_choices));
  }
}

std::vector<double> ParzenEstimator::LogDensity(const Columns& points) const {
  std::vector<double> log_weights(weights_.size());
  for (std::size_t k = 0; k < weights_.size(); ++k) log_weights[k] = std::log(weights_[k]);
  Columns terms(points.empty() ? 0 : points.front().size(), log_weights);
  for (std::size_t d = 0; d < parameters_.size(); ++d) {
    std::visit([&](const auto& parameter) { AddTerms(parameter, points[d], &terms); }, parameters_[d]);
  }
  std::vector<double> densities;
  for (std::vector<double>& term : terms) densities.push_back(LogSumExp(&term));
  return densities;
}

}  // namespace yoake::search
