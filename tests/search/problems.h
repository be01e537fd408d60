#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/sampler.h"

namespace yoake::search {

// Closed-form test problems of the field, all minimised: branin2, hartmann6, shifted ackley10, rosenbrock5,
// shifted rastrigin5, and mixdet, a conditional space that looks like a detector's training.
struct Problem {
  std::string name;
  SearchSpace space;
  double (*evaluate)(const nlohmann::json& params);
  double optimum;
};

std::vector<Problem> Problems();
Problem FindProblem(const std::string& name);

// Asks, evaluates and tells `n` times in sequence; the best value so far after each.
std::vector<double> BestSoFar(const Problem& problem, const Sampler& sampler, std::uint64_t seed, int n);

// Linear interpolation, as numpy.percentile.
double Quantile(std::vector<double> values, double q);

}  // namespace yoake::search
