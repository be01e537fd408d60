#include "studies/planner.h"

#include <algorithm>

#include "core/rng.h"

namespace yoake::studies {
namespace {

const search::TrialRecord* FindTrial(const search::History& history, int number) {
  for (const search::TrialRecord& trial : history.trials) {
    if (trial.number == number) return &trial;
  }
  return nullptr;
}

// Lays the fixed values over the suggestion; what that makes active or inactive follows.
void FixParams(const search::SearchSpace& space, const nlohmann::json& fixed, search::ParamSet* params) {
  search::ParamSet chosen;
  for (const search::SpaceEntry& entry : space.entries()) {
    if (!search::SearchSpace::IsActive(entry, chosen)) continue;
    if (fixed.contains(entry.name)) {
      chosen[entry.name] = search::FromExternal(entry.distribution, fixed[entry.name]);
    } else if (const auto suggested = params->find(entry.name); suggested != params->end()) {
      chosen.insert(*suggested);
    }
  }
  *params = std::move(chosen);
}

}  // namespace

Variant VariantOf(const search::TrialRecord& trial) {
  Variant variant;
  const auto attr = trial.user_attrs.find("variant");
  if (attr == trial.user_attrs.end() || !attr->second.is_object()) return variant;
  for (const auto& [factor, level] : attr->second.items()) {
    if (level.is_string()) variant[factor] = level.get<std::string>();
  }
  return variant;
}

search::History HistoryOf(const search::History& history, const Variant& variant) {
  search::History own{history.directions, {}};
  for (const search::TrialRecord& trial : history.trials) {
    if (VariantOf(trial) == variant) own.trials.push_back(trial);
  }
  return own;
}

std::optional<std::size_t> NextCombination(const search::History& history,
                                           const std::vector<Combination>& combinations, int trials_each) {
  std::map<Variant, int> counts;
  for (const search::TrialRecord& trial : history.trials) {
    if (trial.state != search::TrialState::kWaiting) ++counts[VariantOf(trial)];
  }
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < combinations.size(); ++i) {
    const int count = counts[combinations[i].variant];
    if (count < trials_each && (!next || count < counts[combinations[*next].variant])) next = i;
  }
  return next;
}

search::Suggestion SuggestParams(const search::Sampler& sampler, const search::SearchSpace& space,
                                 const search::History& history, int number, const Variant& variant,
                                 std::uint64_t seed) {
  search::History own = HistoryOf(history, variant);
  std::erase_if(own.trials, [number](const search::TrialRecord& trial) { return trial.number >= number; });
  for (std::size_t i = 0; i < own.trials.size(); ++i) own.trials[i].number = static_cast<int>(i);
  const std::size_t place = own.trials.size();
  const RandomStream stream = RandomStream(seed).Split("sampler").Split(place);
  search::Suggestion suggestion = sampler.Suggest(space, own, static_cast<int>(place), stream);
  if (const search::TrialRecord* trial = FindTrial(history, number)) {
    const auto fixed = trial->system_attrs.find("fixed_params");
    if (fixed != trial->system_attrs.end()) FixParams(space, fixed->second, &suggestion.params);
  }
  return suggestion;
}

}  // namespace yoake::studies
