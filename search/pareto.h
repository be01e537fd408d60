#pragma once

#include <cstddef>
#include <vector>

namespace yoake::search {

// Points of several objectives, all of them minimised, finite.
using Objectives = std::vector<double>;

// a is nowhere worse than b and somewhere better.
bool Dominates(const Objectives& a, const Objectives& b);

// 0 for points that no other dominates, 1 for those only rank 0 dominates, and so on.
std::vector<int> NonDominationRanks(const std::vector<Objectives>& points);

// The volume between `reference` and the points that dominate it. Exact (While et al., 2012, without their
// slicing); exponential in the worst case, meant for fronts of some hundred points of two or three
// objectives.
double Hypervolume(const std::vector<Objectives>& points, const Objectives& reference);

// Indices, ascending, of `k` points chosen one by one so that each adds the most volume (within 1 - 1/e of
// the best subset; Guerreiro et al., 2016).
std::vector<std::size_t> GreedyHypervolumeSubset(const std::vector<Objectives>& points,
                                                 const Objectives& reference, std::size_t k);

}  // namespace yoake::search
