#pragma once

#include <string>
#include <vector>

#include "search/pareto.h"
#include "search/sampler.h"

namespace yoake::search {

// Problems of several objectives, all minimised over [0, 1]^d: ZDT1 to 3 (Zitzler, Deb and Thiele, 2000; 30
// parameters) and DTLZ2 (Deb et al., 2002; 3 objectives, 12 parameters).
struct MultiProblem {
  std::string name;
  int dimensions;
  std::vector<double> (*evaluate)(const std::vector<double>& x);
  Objectives reference;  // For hypervolumes.
};

std::vector<MultiProblem> MultiProblems();

// Hypervolume of all trials after each number of evaluations in `at` (ascending).
std::vector<double> Hypervolumes(const MultiProblem& problem, const Sampler& sampler, std::uint64_t seed,
                                 const std::vector<int>& at);

}  // namespace yoake::search
