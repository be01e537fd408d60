#include "studies/ask_tell.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::studies {
namespace {

using search::ParamSet;
using search::SearchSpace;
using search::SpaceEntry;
using search::TrialRecord;
using search::TrialState;

constexpr char kSpaceKey[] = "yoake:space";
constexpr char kSamplerKey[] = "yoake:sampler";
constexpr char kSeedKey[] = "yoake:seed";

struct PartlyKnown {
  ParamSet active;   // Known parameters that certainly exist.
  SearchSpace rest;  // What is left to be suggested.
};

// Splits a space by what is known already. Conditions on known choices are resolved: the parameter loses the
// condition or, when it is not met, vanishes with everything that depends on it.
PartlyKnown Split(const SearchSpace& space, const ParamSet& known) {
  PartlyKnown split;
  std::vector<SpaceEntry> rest;
  std::set<std::string> absent;
  for (SpaceEntry entry : space.entries()) {
    bool possible = true;
    for (auto condition = entry.when.begin(); condition != entry.when.end();) {
      const SpaceEntry one{entry.name, entry.distribution, {*condition}};
      const bool settled = split.active.contains(condition->first);
      if (absent.contains(condition->first) || (settled && !SearchSpace::IsActive(one, split.active))) {
        possible = false;
      }
      condition = settled ? entry.when.erase(condition) : std::next(condition);
    }
    if (!possible) {
      absent.insert(entry.name);
    } else if (const auto value = known.find(entry.name); value != known.end() && entry.when.empty()) {
      split.active.insert(*value);
    } else {
      rest.push_back(std::move(entry));
    }
  }
  split.rest = SearchSpace(std::move(rest));
  return split;
}

ParamSet FixedParams(const SearchSpace& space, const TrialRecord& trial) {
  ParamSet fixed = trial.params;
  const auto attr = trial.system_attrs.find("fixed_params");
  if (attr == trial.system_attrs.end()) return fixed;
  std::vector<std::string> names;
  for (const SpaceEntry& entry : space.entries()) names.push_back(entry.name);
  for (const auto& [name, value] : attr->second.items()) {
    const SpaceEntry* entry = space.Find(name);
    const std::string where = "fixed parameter '" + name + "' of trial " + std::to_string(trial.number);
    if (entry == nullptr)
      throw Error(ErrorKind::kConfig, "not in the space" + DidYouMean(name, names), where);
    try {
      fixed.emplace(name, search::FromExternal(entry->distribution, value));
    } catch (const Error& error) {
      throw Error(ErrorKind::kConfig, error.message(), where);
    }
  }
  return fixed;
}

void RequireSame(const std::string& study, const std::string& what, const nlohmann::json& stored,
                 const nlohmann::json& given) {
  if (stored == given) return;
  throw Error(ErrorKind::kUsage,
              "the study has " + what + " " + stored.dump() + ", not " + given.dump() +
                  "; leave the option out or take another --study",
              "study '" + study + "'");
}

nlohmann::json Names(const std::vector<search::Direction>& directions) {
  nlohmann::json names = nlohmann::json::array();
  for (const search::Direction direction : directions) names.push_back(ToString(direction));
  return names;
}

// Makes the study; says false when another process was faster.
bool TryCreate(Storage& storage, const std::string& study, const AskOptions& options,
               const std::map<std::string, nlohmann::json>& attrs) {
  try {
    const auto directions =
        options.directions.empty() ? std::vector{search::Direction::kMinimize} : options.directions;
    storage.CreateStudy(study, directions, {}, attrs);
    return true;
  } catch (const Error&) {
    if (!storage.HasStudy(study)) throw;
    return false;
  }
}

// The attributes of the study, which afterwards exists and agrees with what the options say.
std::map<std::string, nlohmann::json> Settle(Storage& storage, const std::string& study,
                                             const AskOptions& options) {
  std::map<std::string, nlohmann::json> given;
  if (options.space) given[kSpaceKey] = *options.space;
  if (options.sampler) given[kSamplerKey] = *options.sampler;
  if (options.seed) given[kSeedKey] = *options.seed;

  if (!storage.HasStudy(study)) {
    if (!options.space) {
      std::vector<std::string> names;
      for (const StudySummary& summary : storage.Studies()) names.push_back(summary.name);
      throw Error(ErrorKind::kUsage,
                  "there is no such study; its first ask needs --space SPACE.json" + DidYouMean(study, names),
                  "study '" + study + "'");
    }
    given.emplace(kSamplerKey, "auto");
    given.emplace(kSeedKey, 0);
    if (TryCreate(storage, study, options, given)) return given;
  }
  const StudySummary summary = storage.ReadStudy(study);
  if (!options.directions.empty()) {
    RequireSame(study, "the direction", Names(summary.directions), Names(options.directions));
  }
  std::map<std::string, nlohmann::json> attrs = summary.user_attrs;
  if (!attrs.contains(kSpaceKey) && !options.space) {
    throw Error(ErrorKind::kUsage,
                "the study was not made by ask and remembers no space; give it once with --space",
                "study '" + study + "'");
  }
  if (!attrs.contains(kSamplerKey)) given.emplace(kSamplerKey, "auto");
  if (!attrs.contains(kSeedKey)) given.emplace(kSeedKey, 0);
  for (const auto& [key, value] : given) {
    if (attrs.contains(key)) {
      RequireSame(study, key, attrs[key], value);
    } else {
      storage.SetStudyUserAttr(study, key, value);
      attrs[key] = value;
    }
  }
  return attrs;
}

}  // namespace

search::Suggestion SuggestParams(const SearchSpace& space, const search::Sampler& sampler,
                                 const search::History& history, const TrialRecord& trial,
                                 std::uint64_t seed) {
  ParamSet known = FixedParams(space, trial);
  search::Suggestion suggestion;
  RandomStream stream = RandomStream(seed).Split("sampler");
  while (true) {
    PartlyKnown split = Split(space, known);
    if (split.rest.entries().empty()) {
      suggestion.params = std::move(split.active);
      return suggestion;
    }
    search::Suggestion part = sampler.Suggest(split.rest, history, trial.number, stream);
    // What is fixed stays: insert() keeps it. A choice that was not known before may activate parameters,
    // which the next round suggests.
    known.insert(part.params.begin(), part.params.end());
    suggestion.system_attrs.merge(part.system_attrs);
    stream = stream.Split("conditional");
  }
}

TrialRecord AskTrial(Storage& storage, const std::string& study, const SearchSpace& space,
                     const search::Sampler& sampler, std::uint64_t seed,
                     const std::function<bool(const TrialRecord&)>& keep) {
  while (true) {
    TrialRecord trial = storage.StartTrial(study);
    search::History history = storage.ReadHistory(study, Reports::kLastOfPruned);
    std::erase_if(history.trials, [&](const TrialRecord& other) {
      return other.number == trial.number || other.state == TrialState::kWaiting || (keep && !keep(other));
    });
    search::Suggestion suggestion;
    try {
      suggestion = SuggestParams(space, sampler, history, trial, seed);
    } catch (const Error& error) {
      const bool enqueued = trial.system_attrs.contains("fixed_params");
      storage.SetTrialUserAttr(study, trial.number, "reason", error.what());
      storage.FinishTrial(study, trial.number, TrialState::kFail, {});
      if (!enqueued) throw;
      continue;
    }
    storage.SetParams(study, trial.number, suggestion);
    trial.params = std::move(suggestion.params);
    trial.system_attrs.merge(suggestion.system_attrs);
    return trial;
  }
}

TrialRecord Ask(Storage& storage, const std::string& study, const AskOptions& options) {
  const auto space_of = [&](const nlohmann::json& json) {
    return search::ParseSearchSpace(JsonReader(json, options.space_source));
  };
  const auto sampler_of = [](const nlohmann::json& json) {
    return search::MakeSampler(JsonReader(json, "--sampler"));
  };
  // Wrong options must not leave a study behind.
  if (options.space) space_of(*options.space);
  if (options.sampler) sampler_of(*options.sampler);

  const auto attrs = Settle(storage, study, options);
  const SearchSpace space = space_of(attrs.at(kSpaceKey));
  const auto sampler = sampler_of(attrs.at(kSamplerKey));
  const nlohmann::json& seed = attrs.at(kSeedKey);
  return AskTrial(storage, study, space, *sampler, seed.get<std::uint64_t>());
}

TrialRecord Tell(Storage& storage, const std::string& study, int number, const TellOptions& options) {
  TrialState state = options.state;
  std::vector<double> values = options.values;
  std::string reason = options.reason;
  const TrialRecord before = storage.ReadTrial(study, number);
  if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
    state = TrialState::kFail;
    values.clear();
    if (reason.empty()) reason = "the value is NaN";
  }
  if (state == TrialState::kPruned && values.empty() && !before.intermediate.empty()) {
    const double last = before.intermediate.rbegin()->second;
    if (!std::isnan(last)) values = {last};
  }
  storage.FinishTrial(study, number, state, values);
  if (!reason.empty()) storage.SetTrialUserAttr(study, number, "reason", reason);
  return storage.ReadTrial(study, number);
}

}  // namespace yoake::studies
