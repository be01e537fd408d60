#include "studies/trial_config.h"

#include <algorithm>
#include <map>
#include <variant>

#include "core/error.h"
#include "core/json_patch.h"
#include "core/json_reader.h"
#include "core/rng.h"
#include "search/sampler.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;

constexpr char kType[] = ".type";

bool IsType(const std::string& path) {
  const std::string ending = kType;
  return path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

void SetType(json* config, const std::string& path, const json& type) {
  const std::string parent = path.substr(0, path.size() - (sizeof kType - 1));
  const json* object = FindPath(*config, parent);
  if (object != nullptr && object->is_object() && object->value("type", json()) != type) {
    SetPath(config, parent, {{"type", type}});
  } else {
    SetPath(config, path, type);
  }
}

using Forced = std::map<std::string, search::Choice>;

// `choice` of `entry`, and of every parameter its condition names a choice that lets it exist.
void Force(const search::SearchSpace& space, const search::SpaceEntry& entry, const search::Choice& choice,
           Forced* forced) {
  if (!forced->emplace(entry.name, choice).second) return;
  for (const auto& [parent, choices] : entry.when) {
    if (const search::SpaceEntry* found = space.Find(parent)) Force(space, *found, choices.front(), forced);
  }
}

search::Param Choose(const search::CategoricalDistribution& distribution, const search::Choice& choice) {
  const auto at = std::find(distribution.choices.begin(), distribution.choices.end(), choice);
  return {distribution, static_cast<double>(at - distribution.choices.begin())};
}

// Parameters in the space's order, so that every condition is decided before it is asked.
search::ParamSet Sample(const search::SearchSpace& space, const Forced& forced, const RandomStream& stream) {
  const json random = "random";
  const auto sampler = search::MakeSampler(JsonReader(random, "probe"));
  search::ParamSet params;
  for (const search::SpaceEntry& entry : space.entries()) {
    if (!search::SearchSpace::IsActive(entry, params)) continue;
    if (const auto found = forced.find(entry.name); found != forced.end()) {
      params[entry.name] =
          Choose(std::get<search::CategoricalDistribution>(entry.distribution), found->second);
      continue;
    }
    const search::SearchSpace alone({{entry.name, entry.distribution, {}}});
    params.merge(sampler->Suggest(alone, {}, 0, stream.Split(entry.name)).params);
  }
  return params;
}

}  // namespace

json MakeTrialConfig(const json& base, const search::ParamSet& params, std::uint64_t seed) {
  json config = base;
  config["seed"] = seed;
  for (const bool types : {true, false}) {
    for (const auto& [path, param] : params) {
      if (IsType(path) != types) continue;
      try {
        if (types) {
          SetType(&config, path, search::ExternalValue(param));
        } else {
          SetPath(&config, path, search::ExternalValue(param));
        }
      } catch (const Error& error) {
        throw Error(ErrorKind::kConfig, error.message(), "$.space." + path);
      }
    }
  }
  return config;
}

std::uint64_t TrialSeed(std::uint64_t study_seed, int trial_number) {
  return RandomStream(study_seed)
      .Split("training")
      .Split(static_cast<std::uint64_t>(trial_number))
      .Below(1u << 31);
}

std::vector<search::ParamSet> ProbeSpace(const search::SearchSpace& space, std::uint64_t seed) {
  const RandomStream stream = RandomStream(seed).Split("probe");
  std::vector<search::ParamSet> probes = {Sample(space, {}, stream)};
  for (const search::SpaceEntry& entry : space.entries()) {
    const auto* categorical = std::get_if<search::CategoricalDistribution>(&entry.distribution);
    if (categorical == nullptr) continue;
    for (const search::Choice& choice : categorical->choices) {
      Forced forced;
      Force(space, entry, choice, &forced);
      probes.push_back(Sample(space, forced, stream.Split(probes.size())));
    }
  }
  return probes;
}

}  // namespace yoake::studies
