#pragma once

#include "search/distribution.h"

namespace yoake::search {

// A distribution as the unit interval in its own scale: the logarithm for a log one; with a step (or int) and
// for a categorical every value owns an interval around it, of equal widths, for a log int as wide as its
// half unit to each side is in the logarithm. A uniform u gives what the sampler "random" draws.

// The value at u; u is cut to [0, 1], NaN counts as 0.
double FromUnit(const Distribution& distribution, double u);

// The place of an internal value, the middle of its interval where there are intervals; in [0, 1] for a value
// of the distribution. A distribution of one value gives 0.5.
double ToUnit(const Distribution& distribution, double internal);

}  // namespace yoake::search
