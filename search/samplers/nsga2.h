#pragma once

#include <memory>
#include <optional>

#include "search/sampler.h"

namespace yoake::search {

// NSGA-II (Deb, Pratap, Agarwal and Meyarivan, 2002) for several objectives: a generation is bred from the
// best of the one before, by non-dominated sorting and crowding distance. Cheap at any number of trials and
// good with many hundred of them; below, prefer "tpe".
//
// Stateless: each trial keeps its generation in the system attribute "nsga2:generation", as Optuna does, and
// the populations are built again from the history. A generation ends with `population` complete trials.
struct Nsga2Options {
  // Trials of a generation, at least 2.
  int population = 50;

  // Probability that a child is made of two parents rather than a copy of one; 0 .. 1.
  double crossover = 0.9;

  // Probability that a parameter is mutated, 0 .. 1; absent: 1 / (parameters of the child).
  std::optional<double> mutation;

  // Spread of simulated binary crossover and of polynomial mutation around the parents (Deb's eta, above 0):
  // larger stays nearer.
  double crossover_eta = 15;
  double mutation_eta = 20;

  void Validate() const;
};

std::unique_ptr<Sampler> MakeNsga2Sampler(Nsga2Options options);

// {"type":"nsga2", <fields of Nsga2Options>}.
std::unique_ptr<Sampler> MakeNsga2Sampler(const JsonReader& reader);

}  // namespace yoake::search
