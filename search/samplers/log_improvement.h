#pragma once

namespace yoake::search {

struct ValueAndSlope {
  double value = 0;
  double slope = 0;
};

// ln h(z) with h(z) = phi(z) + z Phi(z), and its derivative; exact to a few units in the last place also far
// to the left, where h underflows. The expected improvement of a normal variable is sigma * h(z), with z the
// distance of its mean from the best value in sigmas (Ament et al., 2023, "Unexpected improvements to
// expected improvement").
ValueAndSlope LogImprovement(double z);

// ln Phi(z) and its derivative.
ValueAndSlope LogProbability(double z);

}  // namespace yoake::search
