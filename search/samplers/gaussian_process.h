#pragma once

#include <cstddef>
#include <vector>

#include "search/samplers/dense.h"

namespace yoake::search {

// The covariance of two points is
//
//   scale * m(r), r^2 = sum_d weight_d * (x_d - x'_d)^2,   m(r) = (1 + sqrt5 r + 5/3 r^2) exp(-sqrt5 r)
//
// (Matern 5/2 with automatic relevance determination); a categorical dimension counts 1 where the choices
// differ. `noise` is the variance of what is observed around the function.
struct GpParameters {
  std::vector<double> weight;  // Inverse squared length scales, one a dimension.
  double scale = 1;
  double noise = 1e-4;
};

// Log-priors of the parameters, which make a fit to a handful of trials sensible: length scales are
// log-normal around e^log_length sqrt(dimensions) with a spread of sqrt3 (Hvarfner et al., 2024, "Vanilla
// Bayesian optimization performs great in high dimensions"), the scale is Gamma(2, 1), the noise
// Gamma(1.1, 30).
constexpr double kSmoothLogLength = 1.4142135623730951;  // That paper's.

struct GpFitOptions {
  double log_length = kSmoothLogLength;  // Lower expects rougher functions and explores more.
  double least_noise = 1e-8;             // At 1e-6 the last digits of a smooth function were not found.
  int max_evaluations = 30;              // Of the likelihood with its gradient, O(n^3) each.
};

// Observed points, a row of features each (numeric in [0, 1], or the index of a choice), and their values,
// best standardised.
struct GpData {
  std::vector<bool> categorical;  // One a dimension.
  std::vector<std::vector<double>> x;
  std::vector<double> y;
};

// ln p(y | x, parameters) plus the log-priors, and its derivatives by ln weight_d, ln scale, ln noise. -inf
// when the covariance is not positive definite.
class GpLikelihood {
 public:
  explicit GpLikelihood(const GpData& data, double log_length = kSmoothLogLength);
  double operator()(const GpParameters& parameters, std::vector<double>* gradient);

 private:
  const GpData& data_;
  double log_length_;
  std::size_t n_;
  std::vector<std::vector<double>> squares_;  // Of every dimension, the pairs (i, j > i) one after another.
  std::vector<double> root_, decay_;
  Matrix u_, w_, inverse_;
};

// The most probable parameters, found from `start` by L-BFGS.
GpParameters FitGp(const GpData& data, const GpParameters& start, const GpFitOptions& options);

// All ones, and a little noise: where fits begin.
GpParameters DefaultGpParameters(std::size_t dimensions);

// The posterior of a zero-mean process given the data. Immutable; const members may be called from several
// threads.
class GaussianProcess {
 public:
  // Throws Error{kInternal} when the covariance is not positive definite even with a million times the
  // noise.
  GaussianProcess(const GpData& data, GpParameters parameters);

  struct Prediction {
    double mean = 0;
    double variance = 0;  // Of the function, without noise; at least 1e-12 of the scale.
  };
  // With the derivatives by the numeric features; those by categorical ones are 0.
  struct Slopes {
    std::vector<double> mean, variance;
  };

  // One prediction a point; much cheaper a point when there are many.
  std::vector<Prediction> Predict(const std::vector<std::vector<double>>& points) const;
  Prediction Predict(const std::vector<double>& point, Slopes* slopes) const;

  const GpParameters& parameters() const { return parameters_; }

 private:
  GpParameters parameters_;
  std::vector<bool> categorical_;
  std::size_t n_ = 0;
  std::vector<std::vector<double>> columns_;  // columns_[dimension][trial].
  Matrix w_;                                  // K = U^T U, w_ = U^-T.
  Matrix w_transposed_;
  std::vector<double> alpha_;  // K^-1 y.
};

}  // namespace yoake::search
