#include "studies/planner.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "studies/ask_tell.h"

namespace yoake::studies {
namespace {

// Trials that failed with their worker and were queued again: their repetitions stand for them.
std::set<int> RepeatedTrials(const search::History& history) {
  std::set<int> repeated;
  for (const search::TrialRecord& trial : history.trials) {
    const auto before = trial.system_attrs.find("retry_history");
    if (before == trial.system_attrs.end() || !before->second.is_array()) continue;
    for (const nlohmann::json& number : before->second) {
      if (number.is_number_integer()) repeated.insert(number.get<int>());
    }
  }
  return repeated;
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

std::optional<int> ConfirmedTrial(const search::TrialRecord& trial) {
  const auto attr = trial.user_attrs.find("confirms");
  if (attr == trial.user_attrs.end() || !attr->second.is_number_integer()) return std::nullopt;
  return attr->second.get<int>();
}

search::History HistoryOf(const search::History& history, const Variant& variant) {
  search::History own{history.directions, {}, history.study_name, history.objective_names};
  for (const search::TrialRecord& trial : history.trials) {
    if (VariantOf(trial) == variant) own.trials.push_back(trial);
  }
  return own;
}

std::optional<std::size_t> NextCombination(const search::History& history,
                                           const std::vector<Combination>& combinations, int trials_each,
                                           const Terminated& terminated) {
  const std::set<int> repeated = RepeatedTrials(history);
  std::map<Variant, int> counts;
  for (const search::TrialRecord& trial : history.trials) {
    const bool counts_here = trial.state != search::TrialState::kWaiting &&
                             !repeated.contains(trial.number) && !ConfirmedTrial(trial);
    if (counts_here) ++counts[VariantOf(trial)];
  }
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < combinations.size(); ++i) {
    if (terminated.contains(combinations[i].variant)) continue;
    const int count = counts[combinations[i].variant];
    if (count < trials_each && (!next || count < counts[combinations[*next].variant])) next = i;
  }
  return next;
}

search::Suggestion PlanParams(const search::Sampler& sampler, const search::SearchSpace& space,
                              const search::History& history, int number, std::uint64_t seed) {
  const search::TrialRecord* trial = search::Find(history, number);
  if (trial == nullptr) {
    throw Error(ErrorKind::kInternal, "the history has no trial " + std::to_string(number));
  }
  search::TrialRecord own = *trial;
  search::History before = HistoryOf(history, VariantOf(own));
  std::erase_if(before.trials, [number](const search::TrialRecord& t) { return t.number >= number; });
  for (std::size_t i = 0; i < before.trials.size(); ++i) before.trials[i].number = static_cast<int>(i);
  own.number = static_cast<int>(before.trials.size());
  return SuggestParams(space, sampler, before, own, seed);
}

}  // namespace yoake::studies
