#include "reports/combinations.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/json_patch.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

// Rank of a variant in the product of the levels; levels that the factors do not name come last.
std::vector<std::size_t> OrderKey(const StudyResults& results,
                                  const std::map<std::string, std::string>& variant) {
  std::vector<std::size_t> key;
  for (const Factor& factor : results.factors) {
    const auto level = variant.find(factor.name);
    key.push_back(
        level == variant.end()
            ? factor.levels.size()
            : static_cast<std::size_t>(std::find(factor.levels.begin(), factor.levels.end(), level->second) -
                                       factor.levels.begin()));
  }
  return key;
}

std::string Label(const StudyResults& results, const std::map<std::string, std::string>& variant) {
  std::vector<std::string> levels;
  std::set<std::string> named;
  for (const Factor& factor : results.factors) {
    named.insert(factor.name);
    const auto level = variant.find(factor.name);
    if (level != variant.end()) levels.push_back(level->second);
  }
  for (const auto& [factor, level] : variant) {
    if (!named.contains(factor)) levels.push_back(level);
  }
  std::string label;
  for (const std::string& level : levels) label += (label.empty() ? "" : " / ") + level;
  return label;
}

}  // namespace

std::size_t Combination::Count(search::TrialState state) const {
  return static_cast<std::size_t>(std::count_if(trials.begin(), trials.end(), [&](const TrialResult* trial) {
    return trial->state == state && !trial->repeats;
  }));
}

bool IsBetter(double a, double b, search::Direction direction) {
  return direction == search::Direction::kMaximize ? a > b : a < b;
}

std::string VariantLabel(const StudyResults& results, const TrialResult& trial) {
  return Label(results, trial.variant);
}

std::optional<double> Expected(const TrialResult& trial) {
  return trial.standing && trial.standing->estimate ? trial.standing->estimate : trial.value;
}

std::string ExpectedText(const TrialResult& trial) {
  if (!trial.standing) return MetricText(trial.value);
  const Standing& standing = *trial.standing;
  return fmt::format("{} expected of another run ({})",
                     EstimateText(standing.estimate, standing.standard_error),
                     CountText(standing.runs.size(), "run"));
}

std::vector<const TrialResult*> Ranking(const StudyResults& results) {
  std::vector<const TrialResult*> ranking;
  for (const TrialResult& trial : results.trials) {
    const bool finished = trial.state == search::TrialState::kComplete && trial.value;
    if (finished && !trial.repeats) ranking.push_back(&trial);
  }
  std::stable_sort(ranking.begin(), ranking.end(), [&](const TrialResult* a, const TrialResult* b) {
    return IsBetter(*Expected(*a), *Expected(*b), results.direction);
  });
  return ranking;
}

std::vector<Combination> Combinations(const StudyResults& results) {
  std::vector<Combination> combinations;
  for (const TrialResult& trial : results.trials) {
    auto found = std::find_if(combinations.begin(), combinations.end(), [&](const Combination& combination) {
      return combination.variant == trial.variant;
    });
    if (found == combinations.end()) {
      const std::string label = Label(results, trial.variant);
      combinations.push_back({trial.variant, label.empty() ? "best trial" : label, {}, nullptr});
      found = combinations.end() - 1;
    }
    found->trials.push_back(&trial);
  }
  std::stable_sort(combinations.begin(), combinations.end(), [&](const Combination& a, const Combination& b) {
    return OrderKey(results, a.variant) < OrderKey(results, b.variant);
  });
  const auto ranking = Ranking(results);
  for (Combination& combination : combinations) {
    const auto best = std::find_if(ranking.begin(), ranking.end(), [&](const TrialResult* trial) {
      return trial->variant == combination.variant;
    });
    if (best != ranking.end()) combination.best = *best;
  }
  return combinations;
}

std::vector<Combination> FinishedCombinations(const StudyResults& results) {
  std::vector<Combination> combinations = Combinations(results);
  std::erase_if(combinations, [](const Combination& combination) { return combination.best == nullptr; });
  return combinations;
}

std::vector<std::size_t> Leading(const StudyResults& results, const std::vector<Combination>& combinations,
                                 std::size_t limit) {
  std::vector<std::size_t> places(combinations.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (places.size() <= limit) return places;
  const auto ranking = Ranking(results);
  const auto rank = [&](std::size_t place) {
    return std::find(ranking.begin(), ranking.end(), combinations[place].best) - ranking.begin();
  };
  std::stable_sort(places.begin(), places.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  places.resize(limit);
  std::sort(places.begin(), places.end());
  return places;
}

std::vector<std::string> TestNames(const StudyResults& results) {
  std::set<std::string> names;
  for (const TrialResult& trial : results.trials) {
    for (const auto& [name, score] : trial.tests) names.insert(name);
  }
  return {names.begin(), names.end()};
}

bool ValidationDiffers(const TrialResult& a, const TrialResult& b) {
  const nlohmann::json* of_a = FindPath(a.config, "data.val");
  const nlohmann::json* of_b = FindPath(b.config, "data.val");
  return of_a != nullptr && of_b != nullptr && *of_a != *of_b;
}

bool ValidationDiffers(const StudyResults& results) {
  const auto ranking = Ranking(results);
  return std::any_of(ranking.begin(), ranking.end(),
                     [&](const TrialResult* trial) { return ValidationDiffers(*ranking.front(), *trial); });
}

std::string TestMetric(const StudyResults& results, const metrics::EvalResult& result) {
  try {
    metrics::MetricByName(result, results.metric);
    return results.metric;
  } catch (const Error&) {
    return "mAP";
  }
}

}  // namespace yoake::reports
