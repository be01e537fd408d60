#include "search/samplers/gaussian_process.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/error.h"
#include "search/samplers/constants.h"
#include "search/samplers/lbfgs.h"
#include "search/samplers/wide.h"

namespace yoake::search {
namespace {

// target[i] += weight * (x[i] - y)^2, of a categorical dimension weight * (x[i] != y).
YOAKE_WIDE void AddSquares(double* target, std::size_t n, bool categorical, double weight, const double* x,
                           double y) {
  if (categorical) {
    for (std::size_t i = 0; i < n; ++i) target[i] += x[i] == y ? 0 : weight;
  } else {
    for (std::size_t i = 0; i < n; ++i) target[i] += weight * (x[i] - y) * (x[i] - y);
  }
}

// sums[j mod width] += x[j]^2.
YOAKE_WIDE void AddSquaresOf(double* sums, const double* x, std::size_t n, std::size_t width) {
  for (std::size_t first = 0; first < n; first += width) {
    for (std::size_t j = 0; j < width; ++j) sums[j] += x[first + j] * x[first + j];
  }
}

YOAKE_WIDE void ScaledRoots(const double* r2, double* root, double* exponent, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    root[i] = std::sqrt(5 * r2[i]);
    exponent[i] = -root[i];
  }
}

YOAKE_WIDE void MaternOf(double* r2, const double* root, const double* decay, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) r2[i] = (1 + root[i] + r2[i] * (5.0 / 3)) * decay[i];
}

// r2[i] -> m(r), and decay[i] = exp(-sqrt5 r), root[i] = sqrt5 r.
void Matern(std::vector<double>* r2, std::vector<double>* root, std::vector<double>* decay) {
  const std::size_t n = r2->size();
  root->resize(n);
  decay->resize(n);
  ScaledRoots(r2->data(), root->data(), decay->data(), n);
  ExpInPlace(decay->data(), n);
  MaternOf(r2->data(), root->data(), decay->data(), n);
}

// K with noise on its diagonal, upper half, from the pairs' covariances m(r).
void Covariance(const std::vector<double>& pairs, const GpParameters& p, Matrix* k) {
  const std::size_t n = k->rows();
  std::size_t pair = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double* const row = (*k)[i];
    row[i] = p.scale + p.noise;
    for (std::size_t j = i + 1; j < n; ++j) row[j] = p.scale * pairs[pair++];
  }
}

// W y and W^T (W y) = K^-1 y.
std::vector<double> Solve(const Matrix& w, const std::vector<double>& y, std::vector<double>* half) {
  const std::size_t n = y.size();
  half->resize(n);
  for (std::size_t i = 0; i < n; ++i) (*half)[i] = Dot(w[i], y.data(), i + 1);
  std::vector<double> alpha(n);
  AddRows(alpha.data(), n, {w[0], n, half->data(), 1, n});
  return alpha;
}

// columns[dimension][trial].
std::vector<std::vector<double>> ColumnsOf(const GpData& data) {
  std::vector<std::vector<double>> columns(data.categorical.size(), std::vector<double>(data.x.size()));
  for (std::size_t i = 0; i < data.x.size(); ++i) {
    for (std::size_t d = 0; d < columns.size(); ++d) columns[d][i] = data.x[i][d];
  }
  return columns;
}

std::vector<std::vector<double>> PairSquares(const GpData& data) {
  const std::size_t n = data.x.size();
  std::vector<std::vector<double>> squares;
  for (const std::vector<double>& column : ColumnsOf(data)) {
    const bool categorical = data.categorical[squares.size()];
    std::vector<double>& pairs = squares.emplace_back(n * (n - 1) / 2);
    double* row = pairs.data();
    for (std::size_t i = 0; i < n; row += n - 1 - i, ++i)
      AddSquares(row, n - 1 - i, categorical, 1, column.data() + i + 1, column[i]);
  }
  return squares;
}

std::vector<double> WeightedSum(const std::vector<std::vector<double>>& squares,
                                const std::vector<double>& weight, std::size_t n_pairs) {
  std::vector<double> r2(n_pairs);
  for (std::size_t d = 0; d < squares.size(); ++d)
    AddRows(r2.data(), n_pairs, {squares[d].data(), n_pairs, &weight[d], 1, 1});
  return r2;
}

}  // namespace

GpLikelihood::GpLikelihood(const GpData& data, double log_length)
    : data_(data),
      log_length_(log_length),
      n_(data.x.size()),
      squares_(PairSquares(data)),
      u_(n_, n_),
      w_(n_, n_),
      inverse_(n_, n_) {}

double GpLikelihood::operator()(const GpParameters& p, std::vector<double>* gradient) {
  const std::size_t dimensions = squares_.size();
  const std::size_t n_pairs = n_ * (n_ - 1) / 2;
  std::vector<double> m = WeightedSum(squares_, p.weight, n_pairs);
  Matern(&m, &root_, &decay_);
  Covariance(m, p, &u_);
  if (!CholeskyInPlace(&u_)) return -kInf;
  InvertTransposed(u_, &w_);
  std::vector<double> half;
  const std::vector<double> alpha = Solve(w_, data_.y, &half);
  double value = -0.5 * Dot(half.data(), half.data(), n_) -
                 0.5 * static_cast<double>(n_) * std::log(2 * std::numbers::pi);
  for (std::size_t i = 0; i < n_; ++i) value -= std::log(u_[i][i]);

  // With G = alpha alpha^T - K^-1, d ln p / d theta = 1/2 sum_ij G_ij dK_ij / d theta.
  GramOfLower(w_, &inverse_);
  double trace = 0;
  for (std::size_t i = 0; i < n_; ++i) trace += alpha[i] * alpha[i] - inverse_[i][i];
  std::vector<double> g(n_pairs), slope(n_pairs);
  std::size_t pair = 0;
  for (std::size_t i = 0; i < n_; ++i) {
    for (std::size_t j = i + 1; j < n_; ++j) g[pair++] = alpha[i] * alpha[j] - inverse_[j][i];
  }
  for (std::size_t k = 0; k < n_pairs; ++k)  // dm / dr2
    slope[k] = g[k] * p.scale * (-5.0 / 6) * (1 + root_[k]) * decay_[k];
  gradient->assign(dimensions + 2, 0);
  for (std::size_t d = 0; d < dimensions; ++d)
    (*gradient)[d] = p.weight[d] * Dot(slope.data(), squares_[d].data(), n_pairs);
  (*gradient)[dimensions] = p.scale * (Dot(g.data(), m.data(), n_pairs) + 0.5 * trace);
  (*gradient)[dimensions + 1] = 0.5 * p.noise * trace;

  const double center = log_length_ + 0.5 * std::log(static_cast<double>(dimensions));
  for (std::size_t d = 0; d < dimensions; ++d) {
    const double log_length = -0.5 * std::log(p.weight[d]), off = log_length - center;
    value -= off * off / 6 + log_length;
    (*gradient)[d] += 0.5 * (off / 3 + 1);
  }
  value += std::log(p.scale) - p.scale;
  (*gradient)[dimensions] += 1 - p.scale;
  value += 0.1 * std::log(p.noise) - 30 * p.noise;
  (*gradient)[dimensions + 1] += 0.1 - 30 * p.noise;
  return value;
}

GpParameters DefaultGpParameters(std::size_t dimensions) {
  return {std::vector<double>(dimensions, 1), 1, 1e-2};
}

GpParameters FitGp(const GpData& data, const GpParameters& start, const GpFitOptions& options) {
  const std::size_t dimensions = data.categorical.size();
  const auto read = [&](const std::vector<double>& theta) {
    GpParameters p;
    for (std::size_t d = 0; d < dimensions; ++d) p.weight.push_back(std::exp(theta[d]));
    p.scale = std::exp(theta[dimensions]);
    p.noise = std::exp(theta[dimensions + 1]);
    return p;
  };
  std::vector<double> theta, low(dimensions, std::log(1e-4)), high(dimensions, std::log(1e4));
  for (const double weight : start.weight) theta.push_back(std::log(weight));
  theta.push_back(std::log(start.scale));
  theta.push_back(std::log(start.noise));
  low.insert(low.end(), {std::log(1e-3), std::log(options.least_noise)});
  high.insert(high.end(), {std::log(1e3), std::log(10.0)});

  GpLikelihood likelihood(data, options.log_length);
  const Differentiable loss = [&](const std::vector<double>& at, std::vector<double>* gradient) {
    const double value = likelihood(read(at), gradient);
    if (!std::isfinite(value)) gradient->assign(at.size(), 0);
    for (double& slope : *gradient) slope = -slope;
    return -value;
  };
  const LbfgsOptions lbfgs{
      .max_evaluations = options.max_evaluations, .gradient_tolerance = 1e-2, .value_tolerance = 1e-5};
  return read(MinimizeInBox(loss, theta, low, high, lbfgs).x);
}

GaussianProcess::GaussianProcess(const GpData& data, GpParameters parameters)
    : parameters_(std::move(parameters)), categorical_(data.categorical), n_(data.x.size()) {
  std::vector<double> m = WeightedSum(PairSquares(data), parameters_.weight, n_ * (n_ - 1) / 2);
  std::vector<double> root, decay;
  Matern(&m, &root, &decay);
  Matrix u(n_, n_);
  Covariance(m, parameters_, &u);
  for (int attempt = 0; !CholeskyInPlace(&u); ++attempt) {
    if (attempt == 6) throw Error(ErrorKind::kInternal, "a covariance matrix is not positive definite");
    parameters_.noise *= 10;
    Covariance(m, parameters_, &u);
  }
  w_ = Matrix(n_, n_);
  InvertTransposed(u, &w_);
  w_transposed_ = Matrix(n_, n_);
  for (std::size_t i = 0; i < n_; ++i) {
    for (std::size_t j = 0; j <= i; ++j) w_transposed_[j][i] = w_[i][j];
  }
  std::vector<double> half;
  alpha_ = Solve(w_, data.y, &half);
  columns_ = ColumnsOf(data);
}

std::vector<GaussianProcess::Prediction> GaussianProcess::Predict(
    const std::vector<std::vector<double>>& points) const {
  // Rows of covariances, a row a trial and a column a point, so that every loop runs along the points.
  constexpr std::size_t kBlock = 64;
  std::vector<Prediction> predictions(points.size());
  Matrix k(n_, kBlock), column(columns_.size(), kBlock);
  std::vector<double> r2(kBlock), root, decay, mean(kBlock), explained(kBlock), v(kPanel * kBlock);
  for (std::size_t first = 0; first < points.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, points.size() - first);
    for (std::size_t d = 0; d < columns_.size(); ++d) {
      for (std::size_t c = 0; c < count; ++c) column[d][c] = points[first + c][d];
    }
    for (std::size_t i = 0; i < n_; ++i) {
      std::fill(r2.begin(), r2.end(), 0);
      for (std::size_t d = 0; d < columns_.size(); ++d)
        AddSquares(r2.data(), kBlock, categorical_[d], parameters_.weight[d], column[d], columns_[d][i]);
      Matern(&r2, &root, &decay);
      for (std::size_t c = 0; c < kBlock; ++c) k[i][c] = parameters_.scale * r2[c];
    }
    std::fill(mean.begin(), mean.end(), 0);
    std::fill(explained.begin(), explained.end(), 0);
    AddRows(mean.data(), kBlock, {k[0], kBlock, alpha_.data(), 1, n_});
    for (std::size_t i = 0; i < n_; i += kPanel) {  // Zeros right of the diagonal of w_ count nothing.
      std::fill(v.begin(), v.end(), 0);
      const std::size_t rows = std::min(kPanel, n_ - i);
      if (rows == kPanel) {
        AddRowsToPanel(v.data(), kBlock, {k[0], kBlock, w_transposed_[0] + i, n_, i + kPanel});
      } else {
        for (std::size_t t = 0; t < rows; ++t)
          AddRows(v.data() + t * kBlock, kBlock, {k[0], kBlock, w_[i + t], 1, i + t + 1});
      }
      AddSquaresOf(explained.data(), v.data(), rows * kBlock, kBlock);
    }
    for (std::size_t c = 0; c < count; ++c) {
      const double least = 1e-12 * parameters_.scale;
      predictions[first + c] = {mean[c], std::max(parameters_.scale - explained[c], least)};
    }
  }
  return predictions;
}

GaussianProcess::Prediction GaussianProcess::Predict(const std::vector<double>& point, Slopes* slopes) const {
  std::vector<double> r2(n_), root, decay;
  for (std::size_t d = 0; d < columns_.size(); ++d) {
    AddSquares(r2.data(), n_, categorical_[d], parameters_.weight[d], columns_[d].data(), point[d]);
  }
  Matern(&r2, &root, &decay);
  for (double& k : r2) k *= parameters_.scale;
  std::vector<double> v(n_), u(n_), slope(n_);
  constexpr std::size_t kRows = 16;  // Of a triangle, treated as equally long.
  for (std::size_t k = 0; k < n_; k += kRows) {
    const std::size_t rows = std::min(kRows, n_ - k);
    AddRows(v.data() + k, n_ - k, {w_transposed_[k] + k, n_, r2.data() + k, 1, rows});
  }
  for (std::size_t k = 0; k < n_; k += kRows) {
    const std::size_t rows = std::min(kRows, n_ - k);
    AddRows(u.data(), k + rows, {w_[k], n_, v.data() + k, 1, rows});
  }
  const double variance = parameters_.scale - Dot(v.data(), v.data(), n_);
  const Prediction prediction{Dot(alpha_.data(), r2.data(), n_),
                              std::max(variance, 1e-12 * parameters_.scale)};
  // d k_i / d x_d = scale * m'(r2) * 2 weight (x_d - x_id)
  for (std::size_t i = 0; i < n_; ++i) slope[i] = parameters_.scale * (-5.0 / 3) * (1 + root[i]) * decay[i];
  slopes->mean.assign(columns_.size(), 0);
  slopes->variance.assign(columns_.size(), 0);
  std::vector<double> along_mean(n_), along_variance(n_), difference(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    along_mean[i] = slope[i] * alpha_[i];
    along_variance[i] = -2 * slope[i] * u[i];
  }
  for (std::size_t d = 0; d < columns_.size(); ++d) {
    if (categorical_[d]) continue;
    for (std::size_t i = 0; i < n_; ++i) difference[i] = point[d] - columns_[d][i];
    slopes->mean[d] = parameters_.weight[d] * Dot(along_mean.data(), difference.data(), n_);
    slopes->variance[d] = parameters_.weight[d] * Dot(along_variance.data(), difference.data(), n_);
  }
  return prediction;
}

}  // namespace yoake::search
