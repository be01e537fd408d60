#include "search/samplers/nsga2.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "search/option_checks.h"
#include "search/pareto.h"
#include "search/samplers/random.h"
#include "search/unit_interval.h"

namespace yoake::search {
namespace {

const char* const kNsgaGeneration = "nsga2:generation";

struct Individual {
  const TrialRecord* trial;
  Objectives values;  // Minimised and finite.
};
using Population = std::vector<Individual>;

std::optional<Objectives> Minimised(const TrialRecord& trial, const std::vector<Direction>& directions) {
  if (trial.state != TrialState::kComplete || trial.values.size() != directions.size()) return std::nullopt;
  Objectives values;
  for (std::size_t k = 0; k < directions.size(); ++k) {
    const double value = directions[k] == Direction::kMaximize ? -trial.values[k] : trial.values[k];
    if (std::isnan(value)) return std::nullopt;
    values.push_back(std::clamp(value, -1e300, 1e300));
  }
  return values;
}

// Complete trials of each generation, by number.
std::map<int, Population> Generations(const History& history, int skip_number) {
  std::map<int, Population> generations;
  for (const TrialRecord& trial : history.trials) {
    const auto generation = trial.system_attrs.find(kNsgaGeneration);
    if (trial.number == skip_number || generation == trial.system_attrs.end()) continue;
    if (!generation->second.is_number_integer()) continue;
    if (auto values = Minimised(trial, history.directions)) {
      generations[generation->second.get<int>()].push_back({&trial, std::move(*values)});
    }
  }
  return generations;
}

// Of each of one front: the sum over the objectives of the gap between its neighbours, as a share of the
// front's extent; infinite at the ends.
std::vector<double> CrowdingDistances(const Population& population, const std::vector<std::size_t>& front) {
  std::map<std::size_t, double> distances;
  for (std::size_t k = 0; k < population.front().values.size(); ++k) {
    std::vector<std::size_t> order = front;
    const auto at = [&](std::size_t i) { return population[i].values[k]; };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return at(a) < at(b); });
    const double extent = at(order.back()) - at(order.front());
    distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
    if (extent <= 0) continue;
    for (std::size_t i = 1; i + 1 < order.size(); ++i) {
      distances[order[i]] += (at(order[i + 1]) - at(order[i - 1])) / extent;
    }
  }
  std::vector<double> in_order;
  for (const std::size_t i : front) in_order.push_back(distances[i]);
  return in_order;
}

// Whole fronts while they fit, of the next one those with the most room around them.
Population Elite(const Population& population, std::size_t n) {
  if (population.size() <= n) return population;
  std::vector<Objectives> points;
  for (const Individual& individual : population) points.push_back(individual.values);
  std::map<int, std::vector<std::size_t>> fronts;
  const std::vector<int> ranks = NonDominationRanks(points);
  for (std::size_t i = 0; i < ranks.size(); ++i) fronts[ranks[i]].push_back(i);
  Population elite;
  for (auto& [rank, front] : fronts) {
    if (elite.size() + front.size() > n) {
      const std::vector<double> room = CrowdingDistances(population, front);
      std::vector<std::size_t> order(front.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return room[a] > room[b]; });
      std::vector<std::size_t> roomy;
      for (std::size_t i = 0; elite.size() + i < n; ++i) roomy.push_back(front[order[i]]);
      front = std::move(roomy);
    }
    for (const std::size_t i : front) elite.push_back(population[i]);
    if (elite.size() >= n) break;
  }
  return elite;
}

// The parents of the open generation and its number; no parents in generation 0.
std::pair<Population, int> Parents(const History& history, int skip_number, std::size_t population) {
  std::map<int, Population> generations = Generations(history, skip_number);
  Population parents;
  int open = 0;
  for (;; ++open) {
    Population& grown = generations[open];
    if (grown.size() < population) break;
    grown.resize(population);  // The first by number: a late one changes nothing.
    grown.insert(grown.end(), parents.begin(), parents.end());
    parents = Elite(grown, population);
  }
  return {std::move(parents), open};
}

// One child in the making.
class Breeding {
 public:
  Breeding(const Nsga2Options& options, const Population& parents, RandomStream* stream)
      : options_(options), parents_(parents), stream_(*stream) {}

  ParamSet Child(const SearchSpace& space) {
    const TrialRecord& mother = *Tournament().trial;
    const TrialRecord& father = *Tournament().trial;
    const bool crosses = stream_.Chance(options_.crossover);
    const auto genes = static_cast<double>(std::max<std::size_t>(1, mother.params.size()));
    const double mutation = options_.mutation.value_or(1 / genes);
    ParamSet child;
    for (const SpaceEntry& entry : space.entries()) {
      if (!SearchSpace::IsActive(entry, child)) continue;
      const auto a = Gene(mother, entry), b = crosses ? Gene(father, entry) : std::nullopt;
      std::optional<double> value = a && b ? Crossed(entry.distribution, *a, *b) : a ? a : b;
      if (!value) {
        value = DrawUniformly(entry.distribution, &stream_);
      } else if (stream_.Chance(mutation)) {
        value = Mutated(entry.distribution, *value);
      }
      child[entry.name] = {entry.distribution, *value};
    }
    return child;
  }

 private:
  // The better of two; when neither dominates, the first.
  const Individual& Tournament() {
    const Individual& a = parents_[stream_.Below(parents_.size())];
    const Individual& b = parents_[stream_.Below(parents_.size())];
    return Dominates(b.values, a.values) ? b : a;
  }

  static std::optional<double> Gene(const TrialRecord& parent, const SpaceEntry& entry) {
    const auto found = parent.params.find(entry.name);
    if (found == parent.params.end() || found->second.distribution != entry.distribution) return std::nullopt;
    return found->second.internal;
  }

  double Crossed(const Distribution& distribution, double a, double b) {
    if (!AsNumeric(distribution) || a == b) return stream_.Chance(0.5) ? a : b;
    return FromUnit(distribution, BoundedSbx(ToUnit(distribution, a), ToUnit(distribution, b)));
  }

  // Simulated binary crossover with the bounds 0 and 1 (Deb and Agrawal, 1995; bounds as in NSGA-II's own
  // code): around a parent with density falling in the distance, relative to the parents'.
  double BoundedSbx(double a, double b) {
    if (stream_.Chance(0.5)) return stream_.Chance(0.5) ? a : b;
    const double low = std::min(a, b), high = std::max(a, b), gap = high - low;
    if (gap < 1e-14) return a;
    const bool lower = stream_.Chance(0.5);
    const double eta = options_.crossover_eta + 1;
    const double beta = 1 + 2 * (lower ? low : 1 - high) / gap;
    const double alpha = 2 - std::pow(beta, -eta);
    const double u = stream_.Uniform();
    const double spread =
        u <= 1 / alpha ? std::pow(u * alpha, 1 / eta) : std::pow(1 / (2 - u * alpha), 1 / eta);
    const double child = (low + high + (lower ? -spread : spread) * gap) / 2;
    return std::clamp(child, 0.0, 1.0);
  }

  // Polynomial mutation (Deb and Goyal, 1996); a choice is drawn anew.
  double Mutated(const Distribution& distribution, double value) {
    if (!AsNumeric(distribution)) return DrawUniformly(distribution, &stream_);
    const double x = ToUnit(distribution, value);
    const double eta = options_.mutation_eta + 1;
    const double u = stream_.Uniform();
    const double shift = u < 0.5 ? std::pow(2 * u + (1 - 2 * u) * std::pow(1 - x, eta), 1 / eta) - 1
                                 : 1 - std::pow(2 * (1 - u) + 2 * (u - 0.5) * std::pow(x, eta), 1 / eta);
    return FromUnit(distribution, x + shift);
  }

  const Nsga2Options& options_;
  const Population& parents_;
  RandomStream& stream_;
};

class Nsga2Sampler final : public Sampler {
 public:
  explicit Nsga2Sampler(Nsga2Options options) : options_(options), random_(MakeRandomSampler()) {}

  Suggestion Suggest(const SearchSpace& space, const History& history, int trial_number,
                     RandomStream stream) const override {
    const auto [parents, generation] =
        Parents(history, trial_number, static_cast<std::size_t>(options_.population));
    Suggestion suggestion;
    if (parents.empty()) {
      suggestion = random_->Suggest(space, history, trial_number, stream);
    } else {
      RandomStream own = stream.Split("nsga2").Split(static_cast<std::uint64_t>(trial_number));
      suggestion.params = Breeding(options_, parents, &own).Child(space);
    }
    suggestion.system_attrs[kNsgaGeneration] = generation;
    return suggestion;
  }

 private:
  Nsga2Options options_;
  std::unique_ptr<Sampler> random_;
};

}  // namespace

void Nsga2Options::Validate() const {
  RequireAtLeast("population", population, 2);
  RequireWithin("crossover", crossover, 0, 1);
  if (mutation) RequireWithin("mutation", *mutation, 0, 1);
  RequireAbove("crossover_eta", crossover_eta, 0);
  RequireAbove("mutation_eta", mutation_eta, 0);
}

std::unique_ptr<Sampler> MakeNsga2Sampler(Nsga2Options options) {
  options.Validate();
  return std::make_unique<Nsga2Sampler>(options);
}

std::unique_ptr<Sampler> MakeNsga2Sampler(const JsonReader& reader) {
  Nsga2Options options;
  reader.Read("population", &options.population);
  reader.Read("crossover", &options.crossover);
  reader.Read("mutation", &options.mutation);
  reader.Read("crossover_eta", &options.crossover_eta);
  reader.Read("mutation_eta", &options.mutation_eta);
  reader.Finish();
  return Checked(reader, [&] { return MakeNsga2Sampler(options); });
}

}  // namespace yoake::search
