#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <variant>
#include <vector>

#include "core/rng.h"
#include "search/distribution.h"
#include "search/samplers/dense.h"

namespace yoake::search {

struct ParzenOptions {
  double prior_weight = 1;          // Of the prior kernel against one recent observation's 1; above 0.
  bool consider_magic_clip = true;  // Widths are at least range / min(100, 2 + observations).
  bool consider_endpoints = false;  // The range's ends count as neighbours of the outermost observations.
};

// Values of several parameters, one column a parameter: columns[parameter][row], internal form.
using Columns = std::vector<std::vector<double>>;
using ColumnViews = std::vector<std::span<const double>>;

// Weight of each of m observations, oldest first: 1 for the last 25, from 1/m rising linearly for the older
// ones (hyperopt's linear forgetting).
std::vector<double> LinearForgetting(int m);

// A mixture of product kernels, one centred on each observation and one, the prior, on the middle of the
// range:
//
//   p(x) = sum_k w_k prod_d p_kd(x_d)
//
// A numeric parameter's kernel is a normal cut to [low, high]; with a step (or int) the mass it has within
// half a step around x, with `log` in the logarithm. Its width is the larger distance to the neighbouring
// observations. A categorical parameter's kernel is 1 on the observed choice and prior_weight / (m + 1) on
// all, normalised. These are the rules of Optuna 5's multivariate TPE.
class ParzenEstimator {
 public:
  // `observations` has one column a distribution, all of one length m (0 leaves the prior alone), oldest
  // first, values inside the distributions. `weights` has m entries.
  ParzenEstimator(const std::vector<Distribution>& space, const ColumnViews& observations,
                  const std::vector<double>& weights, const ParzenOptions& options);

  // `n` draws from the mixture, inside the distributions and on their grids.
  Columns Sample(int n, RandomStream* stream) const;

  // ln p(x) of every row. For log and continuous parameters the density is that of the logarithm.
  std::vector<double> LogDensity(const Columns& points) const;

 private:
  struct Numeric {
    NumericRange range;
    double low, high;   // The kernels' domain: half a step wider, logarithm taken.
    std::size_t place;  // Rows place and place + 1 of kernels_.
    // With a step many kernels are equal: the numbers of components that differ, and which of these each
    // component is equal to.
    std::vector<std::size_t> distinct, equal_to;
    bool continuous() const { return range.step == 0; }
  };
  struct Categorical {
    std::size_t n_choices = 0;
    std::vector<double> observed;  // Choice of each component but the prior.
    double hit = 0, miss = 0;      // Probability of the observed and of every other choice.
  };
  using Parameter = std::variant<Numeric, Categorical>;

  Numeric MakeNumeric(const NumericRange& range, std::span<const double> observations,
                      const ParzenOptions& options, std::size_t place);
  static Categorical MakeCategorical(std::size_t n_choices, std::span<const double> observations,
                                     const ParzenOptions& options);
  void SetConstants();

  double Draw(const Numeric& parameter, std::size_t component, RandomStream* stream) const;
  double Draw(const Categorical& parameter, std::size_t component, RandomStream* stream) const;

  // Adds each component's ln p(x) of `count` rows to terms[row][component]; what constant_ holds is left out.
  // `masses` keeps what grids' values were found to have.
  using Masses = std::map<double, std::vector<double>>;
  void AddTerms(const Numeric& parameter, const double* xs, std::size_t count, Masses* masses,
                Matrix* terms) const;
  void AddTerms(const Categorical& parameter, const double* xs, std::size_t count, Masses* masses,
                Matrix* terms) const;
  // ln of every distinct kernel's mass around x, not yet divided by that within the domain.
  std::vector<double> LogMasses(const Numeric& parameter, double x) const;

  std::vector<double> weights_;   // One a component, the prior's last; they sum to 1.
  std::vector<double> constant_;  // ln of each component's weight over what normalises its kernels.
  // Of every numeric parameter two rows, a column a component: mu and 1 / (sqrt2 sigma). In one piece, which
  // the allocator learns to keep: small ones were given back to the system and asked for again every time.
  Matrix kernels_;
  std::vector<Parameter> parameters_;
};

}  // namespace yoake::search
