#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/rng.h"
#include "search/symmetric_eigen.h"

namespace yoake::search {

// One dimension of the unit cube as CMA-ES sees it: continuous, or cut into the cells of a grid's values.
struct CmaDimension {
  std::vector<double> edges;  // Between neighbouring cells, ascending; empty: continuous.
};

// The state of the (mu/mu_w, lambda) evolution strategy with covariance matrix adaptation (Hansen, "The CMA
// evolution strategy: a tutorial", 2016, with negative weights) and margin (Hamano, Saito, Nomura and
// Shirakawa, 2022): a dimension of few values keeps a probability of at least 1 / (lambda d) to leave the
// cell of its mean, so it cannot freeze. Minimises; a function of its inputs.
class CmaState {
 public:
  // The distribution begins at the centre of the unit cube with standard deviation sigma.
  // population: lambda; nullopt: 4 + floor(3 ln d).
  CmaState(std::vector<CmaDimension> dimensions, double sigma, std::optional<int> population);

  int population() const { return population_; }

  // A candidate. Continuous dimensions are drawn again up to 100 times until all lie in [0, 1], then cut;
  // gridded ones may lie outside, where their outermost cells go on.
  std::vector<double> Sample(RandomStream* stream) const;

  // One generation: `population()` candidates, best first.
  void Update(const std::vector<std::vector<double>>& ranked);

 private:
  void SetWeights();
  double Deviation(std::size_t j) const;                             // Of the distribution in dimension j.
  std::vector<double> Whitened(const std::vector<double>& y) const;  // C^-1/2 y
  void AdaptCovariance(const std::vector<std::vector<double>>& steps, bool evolves);
  void Decompose();
  void KeepMargin(std::size_t j);

  std::vector<CmaDimension> dimensions_;
  std::size_t d_;
  int population_;
  std::vector<double> weights_;  // lambda of them, the first mu above 0 and summing to 1.
  std::size_t mu_ = 0;
  double mu_eff_ = 0, c_sigma_ = 0, d_sigma_ = 0, c_c_ = 0, c_1_ = 0, c_mu_ = 0, expected_norm_ = 0;

  std::vector<double> mean_;
  double sigma_;
  SquareMatrix covariance_;
  Eigen eigen_;
  std::vector<double> path_sigma_, path_c_;
  std::vector<double> margin_;  // The diagonal A; 1 for continuous dimensions.
  int generation_ = 0;
};

}  // namespace yoake::search
