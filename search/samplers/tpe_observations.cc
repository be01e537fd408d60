#include "search/samplers/tpe_observations.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "search/samplers/constants.h"

namespace yoake::search {
namespace {

// The value of a past parameter in today's distribution, whose bounds and choices may have changed since;
// kAbsent when it lies outside.
double ValueIn(const Distribution& today, const Param& past) {
  if (today == past.distribution) return past.internal;
  if (today.index() != past.distribution.index()) return kAbsent;
  if (const auto* d = std::get_if<CategoricalDistribution>(&today)) {
    const auto& choices = std::get<CategoricalDistribution>(past.distribution).choices;
    const auto index = static_cast<std::size_t>(past.internal);
    if (index >= choices.size()) return kAbsent;
    const auto found = std::find(d->choices.begin(), d->choices.end(), choices[index]);
    return found == d->choices.end() ? kAbsent : static_cast<double>(found - d->choices.begin());
  }
  return Contains(today, past.internal) ? past.internal : kAbsent;
}

// The same, quick for the common case.
double ValueIn(const Distribution& today, const FloatDistribution* continuous, const Param& past) {
  if (continuous != nullptr && std::holds_alternative<FloatDistribution>(past.distribution) &&
      past.internal >= continuous->low && past.internal <= continuous->high) {
    return past.internal;
  }
  return ValueIn(today, past);
}

// What a running trial has drawn jointly but may not have stored as parameters yet.
nlohmann::json AnnouncedParams(const TrialRecord& trial) {
  std::string text;
  for (int chunk = 0;; ++chunk) {
    const auto found = trial.system_attrs.find(kTpeRelativeParams + std::to_string(chunk));
    if (found == trial.system_attrs.end() || !found->second.is_string()) break;
    text += found->second.get<std::string>();
  }
  nlohmann::json params = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return params.is_object() ? params : nlohmann::json::object();
}

void AddAnnounced(const std::vector<SpaceEntry>& entries, const TrialRecord& trial, std::size_t row,
                  Columns* values) {
  const nlohmann::json announced = AnnouncedParams(trial);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto found = announced.find(entries[i].name);
    if (found == announced.end() || trial.params.contains(entries[i].name)) continue;
    try {
      (*values)[i][row] = FromExternal(entries[i].distribution, *found).internal;
    } catch (const Error&) {  // Drawn from other bounds than today's: it says nothing here.
    }
  }
}

}  // namespace

ObservedRows WholeRows(const TpeObservations& seen, const std::vector<std::size_t>& entries) {
  std::vector<char> whole(seen.values[entries.front()].size(), 1);
  for (const std::size_t i : entries) {
    for (std::size_t row = 0; row < whole.size(); ++row)
      whole[row] = static_cast<char>(whole[row] & !std::isnan(seen.values[i][row]));
  }
  ObservedRows rows;
  if (std::find(whole.begin(), whole.end(), 0) == whole.end()) {
    for (const std::size_t i : entries) rows.columns.emplace_back(seen.values[i]);
    return rows;
  }
  rows.storage.resize(entries.size());
  for (std::size_t d = 0; d < entries.size(); ++d) {
    const std::vector<double>& column = seen.values[entries[d]];
    for (std::size_t row = 0; row < whole.size(); ++row) {
      if (whole[row] != 0) rows.storage[d].push_back(column[row]);
    }
    rows.columns.emplace_back(rows.storage[d]);
  }
  return rows;
}

TpeObservations ObserveTrials(const std::vector<SpaceEntry>& entries,
                              const std::vector<const TrialRecord*>& trials) {
  std::vector<std::size_t> by_name(entries.size());
  std::iota(by_name.begin(), by_name.end(), 0);
  std::sort(by_name.begin(), by_name.end(),
            [&](std::size_t a, std::size_t b) { return entries[a].name < entries[b].name; });
  TpeObservations seen{Columns(entries.size(), std::vector<double>(trials.size(), kAbsent)),
                       std::vector(entries.size(), std::vector<char>(trials.size(), 0))};
  std::vector<const FloatDistribution*> continuous(entries.size(), nullptr);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto* d = std::get_if<FloatDistribution>(&entries[i].distribution);
    if (d != nullptr && !d->step) continuous[i] = d;
  }
  std::size_t n_finished = 0;
  for (std::size_t row = 0; row < trials.size(); ++row) {
    const TrialRecord& trial = *trials[row];
    const bool finished = trial.state != TrialState::kRunning;
    auto param = trial.params.begin();
    for (const std::size_t i : by_name) {  // Both sides are sorted by name.
      const std::string& name = entries[i].name;
      bool found = false;
      while (param != trial.params.end() && !(found = param->first == name) && param->first < name) ++param;
      if (!found) continue;
      seen.values[i][row] = ValueIn(entries[i].distribution, continuous[i], param->second);
      if (finished)
        seen.occurs[i][n_finished] = param->second.distribution.index() == entries[i].distribution.index();
      ++param;
    }
    if (finished) {
      ++n_finished;
    } else {
      AddAnnounced(entries, trial, row, &seen.values);
    }
  }
  for (std::vector<char>& column : seen.occurs) column.resize(n_finished);
  return seen;
}

}  // namespace yoake::search
