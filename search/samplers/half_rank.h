#pragma once

#include <vector>

namespace yoake::search {

// Makes minimised values fit for a Gaussian process. The better half keeps its shape; the worse half, whose
// outliers would otherwise set the scale, is laid by rank along a normal distribution as wide as the better
// half is (Song et al., 2024, "The Vizier Gaussian process bandit algorithm"). Then mean 0, variance 1.
void HalfRankAndStandardize(std::vector<double>* values);

}  // namespace yoake::search
