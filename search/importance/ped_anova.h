#pragma once

#include <cstddef>
#include <vector>

#include "search/importance/observations.h"

namespace yoake::search {

// PED-ANOVA (Watanabe, Bansal and Hutter, 2023, eq. 16): the Pearson divergence of a parameter's density
// among the best trials from that among all,
//
//   D_j = sum_x p_all(x) (p_best(x) / p_all(x) - 1)^2,
//
// scaled so that the parameters sum to 1. Densities are kernel estimates (Scott's bandwidth) on 50 cells of
// the unit interval, or smoothed frequencies of choices. The best are `quantile` of the rows, at least two;
// equal values all count. `rows` chooses trials, repetition allowed.
std::vector<double> PedAnovaShares(const ObservedTrials& trials, const std::vector<std::size_t>& rows,
                                   double quantile);

}  // namespace yoake::search
