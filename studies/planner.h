#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/sampler.h"
#include "search/space.h"
#include "studies/variants.h"

namespace yoake::studies {

// What to try next: pure functions of the history. A trial's combination stands in its user attribute
// "variant"; every combination is searched by itself, on its own history. When a combination's search has
// ended, its best may be run again with other seeds ("confirms", trial_source.h).
using Variant = std::map<std::string, std::string>;

// The variant of a trial; empty when it has none (also for trials another program added).
Variant VariantOf(const search::TrialRecord& trial);

// The trial whose configuration this one runs again; nullopt for a trial of the search.
std::optional<int> ConfirmedTrial(const search::TrialRecord& trial);

// The trials of one combination, with their own numbers.
search::History HistoryOf(const search::History& history, const Variant& variant);

// Combinations whose search was ended early, with the terminator's reason.
using Terminated = std::map<Variant, std::string>;

// The combination with the fewest trials so far, the first of equals, so that all progress equally; nothing
// when each has `trials_each` or is among `terminated`. Failed trials count, unless they are repeated because
// their worker died; runs that confirm others do not.
std::optional<std::size_t> NextCombination(const search::History& history,
                                           const std::vector<Combination>& combinations, int trials_each,
                                           const Terminated& terminated = {});

// What the sampler suggests for trial `number` of `history`, which has its variant already. The sampler sees
// the combination's trials before it, numbered from 0, so random trials at the same place have the same
// parameters in every combination: combinations are compared on equal terms. "fixed_params" of an enqueued
// trial win (ask_tell.h). Throws Error{kConfig} for fixed ones that do not fit the space.
search::Suggestion PlanParams(const search::Sampler& sampler, const search::SearchSpace& space,
                              const search::History& history, int number, std::uint64_t seed);

}  // namespace yoake::studies
