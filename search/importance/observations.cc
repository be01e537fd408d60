#include "search/importance/observations.h"

#include <cmath>
#include <limits>
#include <map>

#include "search/unit_interval.h"

namespace yoake::search {
namespace {

std::map<std::string, Distribution> LatestDistributions(const std::vector<const TrialRecord*>& trials) {
  std::map<std::string, Distribution> latest;
  for (const TrialRecord* trial : trials) {
    for (const auto& [name, param] : trial->params) latest[name] = param.distribution;
  }
  std::erase_if(latest, [](const auto& entry) { return IsSingle(entry.second); });
  return latest;
}

// Choices may have been added since: they are found by what they are, not by place.
double ObservedValue(const Distribution& distribution, const Param& param) {
  constexpr double absent = std::numeric_limits<double>::quiet_NaN();
  if (param.distribution.index() != distribution.index()) return absent;
  if (const auto* today = std::get_if<CategoricalDistribution>(&distribution)) {
    const auto& then = std::get<CategoricalDistribution>(param.distribution).choices;
    const auto index = static_cast<std::size_t>(param.internal);
    for (std::size_t i = 0; index < then.size() && i < today->choices.size(); ++i) {
      if (today->choices[i] == then[index]) return static_cast<double>(i);
    }
    return absent;
  }
  return Contains(distribution, param.internal) ? ToUnit(distribution, param.internal) : absent;
}

}  // namespace

ObservedTrials Observe(const History& history, std::size_t objective) {
  std::vector<const TrialRecord*> trials;
  for (const TrialRecord& trial : history.trials) {
    if (trial.state != TrialState::kComplete || trial.values.size() <= objective) continue;
    if (std::isfinite(trial.values[objective])) trials.push_back(&trial);
  }
  ObservedTrials observed;
  const bool maximize = history.directions.at(objective) == Direction::kMaximize;
  for (const TrialRecord* trial : trials) {
    observed.objective.push_back(maximize ? -trial->values[objective] : trial->values[objective]);
  }
  for (const auto& [name, distribution] : LatestDistributions(trials)) {
    ObservedParameter& parameter = observed.parameters.emplace_back();
    parameter.name = name;
    if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) {
      parameter.n_choices = d->choices.size();
    }
    for (const TrialRecord* trial : trials) {
      const auto found = trial->params.find(name);
      const double value = found == trial->params.end() ? std::numeric_limits<double>::quiet_NaN()
                                                        : ObservedValue(distribution, found->second);
      parameter.values.push_back(value);
      parameter.present += !std::isnan(value);
    }
  }
  std::erase_if(observed.parameters, [](const ObservedParameter& p) { return p.present == 0; });
  return observed;
}

}  // namespace yoake::search
