#pragma once

#include <cstddef>
#include <vector>

#include "search/pareto.h"

namespace yoake::search {

struct Normal {
  double mean = 0;
  double sigma = 1;
};

// By how much independent normal objectives, all minimised, are expected to enlarge the volume between a
// front and a reference point. With the region that no point of the front dominates cut into boxes (l, u] it
// is exactly
//
//   sum_boxes prod_k ( G_k(u_k) - G_k(l_k) ),   G_k(c) = E max(0, c - f_k) = sigma_k h((c - mean_k) /
//   sigma_k)
//
// with h of log_improvement.h (Yang et al., 2019, "Efficient computation of expected hypervolume
// improvement"). There are up to n boxes for two objectives, n^2 / 2 for three.
class HypervolumeImprovement {
 public:
  // Points that others dominate, or that lie beyond the reference, count for nothing.
  HypervolumeImprovement(const std::vector<Objectives>& points, const Objectives& reference);

  // ln of the expectation; `slopes` gets its derivatives by every mean and sigma. Where the expectation is
  // too small for a double, something smaller that still rises towards better means.
  double operator()(const std::vector<Normal>& objectives, std::vector<Normal>* slopes) const;

 private:
  // Of one objective: numbers of levels.
  struct Interval {
    std::size_t low, high;
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  using Box = std::vector<Interval>;  // One an objective.

  std::vector<Box> Cut(const std::vector<std::vector<std::size_t>>& points, std::size_t objectives) const;

  std::vector<std::vector<double>> levels_;  // Of every objective: -infinity, the points', the reference.
  std::vector<Box> boxes_;
};

}  // namespace yoake::search
