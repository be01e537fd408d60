#pragma once

#include <vector>

#include "core/rng.h"
#include "search/importance/observations.h"

namespace yoake::search {

// Functional analysis of variance (Hutter, Hoos and Leyton-Brown, 2014) of a forest of `n_trees` regression
// trees, each grown on trials drawn with replacement. For parameter j, with the other parameters uniform over
// the space,
//
//   share_j = p_j Var_xj( E[f | x_j] ) / Var(f)
//
// taken within the region of probability p_j where the parameter exists: the combinations of choices of
// other parameters that occurred with it. A tree fills the values of absent parameters with uniform draws, so
// they explain nothing there. Variances are covariances of different trees, averaged over all pairs: the
// variance of one tree would count its noise as interaction.
// One share a parameter; they sum to at most 1 but for noise. All 0 for a constant objective.
std::vector<double> FanovaShares(const ObservedTrials& trials, int n_trees, RandomStream stream);

}  // namespace yoake::search
