#include "search/importance.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "search/importance/fanova.h"
#include "search/importance/observations.h"
#include "search/importance/ped_anova.h"
#include "search/option_checks.h"
#include "search/pruners/objective.h"

namespace yoake::search {
namespace {

constexpr std::size_t kLeastTrials = 4;

constexpr std::array kMethods = {std::pair{ImportanceMethod::kFanova, "fanova"},
                                 std::pair{ImportanceMethod::kPedAnova, "ped-anova"}};

// What each repetition found: shares[repeat][parameter].
using Repeats = std::vector<std::vector<double>>;

Repeats RepeatFanova(const ObservedTrials& trials, const ImportanceOptions& options,
                     const RandomStream& stream) {
  Repeats repeats;
  for (int i = 0; i < options.repeats; ++i) {
    repeats.push_back(FanovaShares(trials, options.trees, stream.Split(static_cast<std::uint64_t>(i))));
  }
  return repeats;
}

Repeats RepeatPedAnova(const ObservedTrials& trials, const ImportanceOptions& options,
                       const RandomStream& stream) {
  Repeats repeats;
  for (int i = 0; i < options.repeats; ++i) {
    RandomStream draws = stream.Split(static_cast<std::uint64_t>(i));
    std::vector<std::size_t> rows(trials.objective.size());
    for (std::size_t& row : rows) row = draws.Below(rows.size());
    repeats.push_back(PedAnovaShares(trials, rows, options.quantile));
  }
  return repeats;
}

std::vector<double> Means(const Repeats& repeats) {
  std::vector<double> means(repeats.front().size());
  for (const auto& shares : repeats) {
    for (std::size_t j = 0; j < means.size(); ++j)
      means[j] += shares[j] / static_cast<double>(repeats.size());
  }
  return means;
}

// The value and the interval, which always holds the value.
void Describe(const Repeats& repeats, std::size_t j, double value, ParameterImportance* importance) {
  std::vector<double> sorted;
  for (const auto& shares : repeats) sorted.push_back(shares[j]);
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double q) {
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5)];
  };
  importance->importance = value;
  importance->low = std::min(value, at(0.1));
  importance->high = std::max(value, at(0.9));
}

}  // namespace

std::string ToString(ImportanceMethod method) {
  for (const auto& [known, name] : kMethods) {
    if (known == method) return name;
  }
  throw Error(ErrorKind::kInternal, "an importance method without a name");
}

ImportanceMethod ParseImportanceMethod(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& [method, name] : kMethods) {
    if (text == name) return method;
    names.emplace_back(name);
  }
  throw Error(ErrorKind::kUsage, "unknown importance method '" + text + "'" + DidYouMean(text, names));
}

void ImportanceOptions::Validate() const {
  RequireAtLeast("repeats", repeats, 1);
  RequireAtLeast("trees", trees, 2);
  RequireAbove("quantile", quantile, 0);
  RequireWithin("quantile", quantile, 0, 1);
}

Importance ComputeImportance(const History& history, const ImportanceOptions& options) {
  options.Validate();
  const ObservedTrials trials = Observe(history, ObjectiveIndex(history, options.objective));
  Importance importance;
  importance.trials = trials.objective.size();
  if (importance.trials < kLeastTrials) {
    throw Error(ErrorKind::kUsage, "importances need at least " + std::to_string(kLeastTrials) +
                                       " complete trials, there are " + std::to_string(importance.trials));
  }
  if (trials.parameters.empty()) return importance;
  const RandomStream stream = RandomStream(options.seed).Split("importance");
  const bool fanova = options.method == ImportanceMethod::kFanova;
  const Repeats repeats =
      fanova ? RepeatFanova(trials, options, stream) : RepeatPedAnova(trials, options, stream);
  std::vector<double> values = Means(repeats);
  if (!fanova) {  // Nothing is random but the resampling: the value is that of the trials as they are.
    std::vector<std::size_t> rows(importance.trials);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    values = PedAnovaShares(trials, rows, options.quantile);
  }
  for (std::size_t j = 0; j < values.size(); ++j) {
    ParameterImportance& one = importance.parameters.emplace_back();
    one.name = trials.parameters[j].name;
    one.trials = trials.parameters[j].present;
    Describe(repeats, j, values[j], &one);
  }
  std::stable_sort(importance.parameters.begin(), importance.parameters.end(),
                   [](const auto& a, const auto& b) { return a.importance > b.importance; });
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (fanova && sum > 0) importance.rest = std::max(0.0, 1 - sum);
  return importance;
}

}  // namespace yoake::search
