#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace yoake::search {

struct LbfgsOptions {
  int max_evaluations = 50;          // Of the function with its gradient.
  double gradient_tolerance = 1e-4;  // Ends when no free component's gradient is larger.
  double value_tolerance = 1e-9;     // Ends when a step improves by less, relative to 1 + |f|.
  std::size_t memory = 8;            // Pairs of steps kept.
};

// A function's value and, into `gradient` (of x's size), its gradient.
using Differentiable = std::function<double(const std::vector<double>& x, std::vector<double>* gradient)>;

struct Minimum {
  std::vector<double> x;
  double value = 0;
  int evaluations = 0;
};

// A local minimum of `f` in the box [low, high] from `start`, by L-BFGS on the components that are not held
// at a bound, with a projected backtracking line search (Bertsekas, 1982; Nocedal and Wright, 2006, ch. 7).
// Not-finite values end a step as too long. Deterministic.
Minimum MinimizeInBox(const Differentiable& f, std::vector<double> start, const std::vector<double>& low,
                      const std::vector<double>& high, const LbfgsOptions& options);

}  // namespace yoake::search
