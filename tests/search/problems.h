#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/sampler.h"

namespace yoake::search {

// A test problem, minimised. Where `evaluate` gives NaN the trial fails.
struct Problem {
  std::string name;
  SearchSpace space;
  std::function<double(const nlohmann::json& params)> evaluate;
  double optimum;
};

// Closed-form problems of the field: branin2, hartmann6, shifted ackley10, rosenbrock5, shifted rastrigin5,
// and mixdet, a conditional space that looks like a detector's training.
std::vector<Problem> Problems();
Problem FindProblem(const std::string& name);

// More of the kind, which no default was chosen on: they show when a sampler only knows the problems above.
// Among them a noisy one, a conditional one, and two of which about half of the space fails: in `oom5` the
// best points lie at the edge of that half, in `diverging4` well away from it.
std::vector<Problem> GuardProblems();

// hpobench_segment, hpolib_protein and nas201_cifar100: recorded trainings, every combination of a grid.
// `folder` holds NAME.csv and NAME.json.
std::vector<Problem> TableProblems(const std::filesystem::path& folder);

// Asks `batch` trials, which run at the same time, evaluates and tells them, until there are `n`.
std::vector<TrialRecord> RunTrials(const Problem& problem, const Sampler& sampler, std::uint64_t seed, int n,
                                   int batch = 1);

// The same one by one; the best value so far after each.
std::vector<double> BestSoFar(const Problem& problem, const Sampler& sampler, std::uint64_t seed, int n);

// The least value of the first `n` trials; infinity when all of them failed.
double BestOf(const std::vector<TrialRecord>& trials, std::size_t n);

// Linear interpolation, as numpy.percentile.
double Quantile(std::vector<double> values, double q);

}  // namespace yoake::search
