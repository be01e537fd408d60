#include "search/samplers/cma_state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "search/samplers/truncated_normal.h"

namespace yoake::search {
namespace {

using Vector = std::vector<double>;

constexpr int kMaxResampling = 100;
constexpr double kSmallestVariance = 1e-30;  // Rounding must not make the matrix singular.

double Norm(const Vector& v) { return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0)); }

// How many deviations away the tail has this probability; p in (0, 1/2].
double TailDistance(double p) { return -InverseLogNormalCdf(std::log(std::min(p, 0.5))); }

}  // namespace

CmaState::CmaState(std::vector<CmaDimension> dimensions, double sigma, std::optional<int> population)
    : dimensions_(std::move(dimensions)),
      d_(dimensions_.size()),
      population_(population.value_or(4 + static_cast<int>(3 * std::log(static_cast<double>(d_))))),
      mean_(d_, 0.5),
      sigma_(sigma),
      covariance_(Identity(d_)),
      path_sigma_(d_),
      path_c_(d_),
      margin_(d_, 1) {
  SetWeights();
  Decompose();
}

// Hansen, 2016, table 1.
void CmaState::SetWeights() {
  const auto n = static_cast<double>(d_);
  const int lambda = population_;
  mu_ = static_cast<std::size_t>(lambda / 2);
  double sum = 0, squares = 0, negative = 0, negative_squares = 0;
  for (int i = 1; i <= lambda; ++i) {
    const double w = std::log((lambda + 1) / 2.0) - std::log(i);
    weights_.push_back(w);
    (static_cast<std::size_t>(i) <= mu_ ? sum : negative) += w;
    (static_cast<std::size_t>(i) <= mu_ ? squares : negative_squares) += w * w;
  }
  mu_eff_ = sum * sum / squares;
  const double mu_eff_negative = negative_squares > 0 ? negative * negative / negative_squares : 0;
  c_c_ = (4 + mu_eff_ / n) / (n + 4 + 2 * mu_eff_ / n);
  c_1_ = 2 / ((n + 1.3) * (n + 1.3) + mu_eff_);
  c_mu_ = std::min(1 - c_1_ - 1e-8, 2 * (mu_eff_ - 2 + 1 / mu_eff_) / ((n + 2) * (n + 2) + mu_eff_));
  c_sigma_ = (mu_eff_ + 2) / (n + mu_eff_ + 5);
  d_sigma_ = 1 + 2 * std::max(0.0, std::sqrt((mu_eff_ - 1) / (n + 1)) - 1) + c_sigma_;
  expected_norm_ = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  const double limit =
      std::min({1 + c_1_ / c_mu_, 1 + 2 * mu_eff_negative / (mu_eff_ + 2), (1 - c_1_ - c_mu_) / (n * c_mu_)});
  for (double& w : weights_) w = w >= 0 ? w / sum : w * limit / -negative;
}

void CmaState::Decompose() {
  eigen_ = DecomposeSymmetric(covariance_);
  for (double& value : eigen_.values) value = std::max(value, kSmallestVariance);
}

double CmaState::Deviation(std::size_t j) const { return sigma_ * margin_[j] * std::sqrt(covariance_[j][j]); }

Vector CmaState::Sample(RandomStream* stream) const {
  Vector x(d_);
  for (int attempt = 0; attempt < kMaxResampling; ++attempt) {
    Vector z(d_);
    for (std::size_t k = 0; k < d_; ++k) z[k] = stream->Normal() * std::sqrt(eigen_.values[k]);
    bool inside = true;
    for (std::size_t j = 0; j < d_; ++j) {
      const double y = std::inner_product(z.begin(), z.end(), eigen_.vectors[j].begin(), 0.0);
      x[j] = mean_[j] + sigma_ * margin_[j] * y;
      inside &= !dimensions_[j].edges.empty() || (x[j] >= 0 && x[j] <= 1);
    }
    if (inside) return x;
  }
  for (std::size_t j = 0; j < d_; ++j) {
    if (dimensions_[j].edges.empty()) x[j] = std::clamp(x[j], 0.0, 1.0);
  }
  return x;
}

Vector CmaState::Whitened(const Vector& y) const {
  Vector result(d_);
  for (std::size_t k = 0; k < d_; ++k) {
    double along = 0;
    for (std::size_t j = 0; j < d_; ++j) along += eigen_.vectors[j][k] * y[j];
    along /= std::sqrt(eigen_.values[k]);
    for (std::size_t j = 0; j < d_; ++j) result[j] += eigen_.vectors[j][k] * along;
  }
  return result;
}

void CmaState::Update(const std::vector<Vector>& ranked) {
  ++generation_;
  std::vector<Vector> steps(ranked.size(), Vector(d_));  // y of the tutorial: x = m + sigma A y.
  Vector mean_step(d_);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    for (std::size_t j = 0; j < d_; ++j) {
      steps[i][j] = (ranked[i][j] - mean_[j]) / (sigma_ * margin_[j]);
      if (i < mu_) mean_step[j] += weights_[i] * steps[i][j];
    }
  }
  for (std::size_t j = 0; j < d_; ++j) mean_[j] += sigma_ * margin_[j] * mean_step[j];

  const Vector white = Whitened(mean_step);
  const double gain_sigma = std::sqrt(c_sigma_ * (2 - c_sigma_) * mu_eff_);
  const double gain_c = std::sqrt(c_c_ * (2 - c_c_) * mu_eff_);
  for (std::size_t j = 0; j < d_; ++j) {
    path_sigma_[j] = (1 - c_sigma_) * path_sigma_[j] + gain_sigma * white[j];
  }
  const double norm = Norm(path_sigma_);
  const double run_in = std::sqrt(1 - std::pow(1 - c_sigma_, 2.0 * generation_));
  const bool evolves = norm / run_in < (1.4 + 2 / (static_cast<double>(d_) + 1)) * expected_norm_;
  for (std::size_t j = 0; j < d_; ++j) {
    path_c_[j] = (1 - c_c_) * path_c_[j] + (evolves ? gain_c * mean_step[j] : 0);
  }
  AdaptCovariance(steps, evolves);
  sigma_ = std::min(sigma_ * std::exp(c_sigma_ / d_sigma_ * (norm / expected_norm_ - 1)), 1e3);
  Decompose();
  for (std::size_t j = 0; j < d_; ++j) {
    if (!dimensions_[j].edges.empty()) KeepMargin(j);
  }
}

// Hansen, 2016, eq. 47: rank one and rank mu; bad steps count against their direction.
void CmaState::AdaptCovariance(const std::vector<Vector>& steps, bool evolves) {
  Vector weights = weights_;
  for (std::size_t i = mu_; i < weights.size(); ++i) {
    const double length = Norm(Whitened(steps[i]));
    weights[i] *= static_cast<double>(d_) / (length * length + 1e-8);
  }
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  const double stalled = evolves ? 0 : c_c_ * (2 - c_c_);
  const double keep = 1 + c_1_ * stalled - c_1_ - c_mu_ * sum;
  for (std::size_t a = 0; a < d_; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double c = keep * covariance_[a][b] + c_1_ * path_c_[a] * path_c_[b];
      for (std::size_t i = 0; i < steps.size(); ++i) c += c_mu_ * weights[i] * steps[i][a] * steps[i][b];
      covariance_[a][b] = covariance_[b][a] = c;
    }
    covariance_[a][a] = std::max(covariance_[a][a], kSmallestVariance);
  }
}

// Hamano et al., 2022, section 3.2: moves the mean and widens the deviation so that both neighbouring cells
// (at an end: the inner one) keep their probability.
void CmaState::KeepMargin(std::size_t j) {
  const double alpha = 1 / (static_cast<double>(d_) * population_);
  const Vector& edges = dimensions_[j].edges;
  const double deviation = Deviation(j);
  double& m = mean_[j];
  if (m <= edges.front() || m > edges.back()) {
    const double edge = m <= edges.front() ? edges.front() : edges.back();
    const double reach = TailDistance(alpha) * deviation;
    m = edge + (m <= edge ? -1 : 1) * std::min(std::abs(m - edge), reach);
    return;
  }
  const auto upper = std::lower_bound(edges.begin(), edges.end(), m);
  const double up = *upper;
  const double low = *std::prev(upper);
  double p_low = NormalCdf((low - m) / deviation);
  double p_up = NormalCdf((m - up) / deviation);
  const double p_mid = 1 - p_low - p_up;
  p_low = std::max(alpha / 2, p_low);
  p_up = std::max(alpha / 2, p_up);
  const double excess = (1 - p_low - p_up - p_mid) / (p_low + p_up + p_mid - 1.5 * alpha);
  const double to_low = TailDistance(p_low + excess * (p_low - alpha / 2));
  const double to_up = TailDistance(p_up + excess * (p_up - alpha / 2));
  if (to_low + to_up <= 0) return;  // Both tails are half of everything: the cell is a point.
  m = (low * to_up + up * to_low) / (to_low + to_up);
  margin_[j] = (up - low) / (sigma_ * std::sqrt(covariance_[j][j]) * (to_low + to_up));
}

}  // namespace yoake::search
