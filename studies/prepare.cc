#include "studies/prepare.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "core/json_reader.h"
#include "search/space.h"
#include "studies/dataset_records.h"
#include "studies/device_pool.h"
#include "studies/trial_config.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;

std::string NameOf(const Combination& combination) {
  const std::string label = combination.Label();
  return label.empty() ? "base" : label;
}

void SetUnlessWritten(json* config, const std::string& section, const std::string& key, const json& value) {
  json* object = section.empty() ? config : &(*config)[section];
  if (object->is_null()) *object = json::object();
  if (object->is_object() && !object->contains(key)) (*object)[key] = value;
}

void FillIn(const StudyConfig& study, Combination* combination) {
  SetUnlessWritten(&combination->config, "evaluation", "metric", study.metric);
  SetUnlessWritten(&combination->config, "", "threads", ThreadsPerSlot(ParseDevices(study.devices).size()));
}

// A resolved configuration has every key, so a parameter that is not among them is misspelt, unless it
// belongs to a type that another parameter of the space chooses.
void CheckPaths(const json& base, const json& config, const search::ParamSet& params) {
  for (const auto& [path, unused] : params) {
    if (FindPath(base, path) != nullptr) continue;
    const std::string type = path.substr(0, path.rfind('.') + 1) + "type";
    const json* before = FindPath(base, type);
    const json* after = FindPath(config, type);
    if (before != nullptr && after != nullptr && *before != *after) continue;
    std::vector<std::string> known;
    for (const auto& [name, value] : Flatten(base)) known.push_back(name);
    throw Error(ErrorKind::kConfig,
                fmt::format("the training configuration has no '{}'{}", path, DidYouMean(path, known)),
                "$.space." + path);
  }
}

void CheckProbes(const StudyConfig& study, const Trainer& trainer, PreparedStudy* prepared) {
  const auto probes =
      ProbeSpace(search::ParseSearchSpace(JsonReader(study.space, study.name, "$.space")), study.seed);
  std::vector<std::pair<std::string, json>> configs;
  for (const Combination& combination : prepared->combinations) {
    for (std::size_t i = 0; i < probes.size(); ++i) {
      json config = MakeTrialConfig(combination.config, probes[i], study.seed);
      if (!trainer.foreign()) CheckPaths(combination.config, config, probes[i]);
      configs.emplace_back(fmt::format("{}, sample {}", NameOf(combination), i + 1), std::move(config));
    }
  }
  for (std::string& warning : trainer.Check(configs)) {
    if (std::find(prepared->warnings.begin(), prepared->warnings.end(), warning) ==
        prepared->warnings.end()) {
      prepared->warnings.push_back(std::move(warning));
    }
  }
}

}  // namespace

PreparedStudy PrepareStudy(const StudyConfig& study, const Trainer& trainer) {
  PreparedStudy prepared;
  prepared.combinations = MakeCombinations(study);
  prepared.datasets = DescribeDatasets(prepared.combinations, /*must_read_all=*/!trainer.foreign());
  for (Combination& combination : prepared.combinations) {
    if (trainer.foreign()) break;
    FillIn(study, &combination);
    try {
      combination.config = trainer.Resolve(combination.config);
    } catch (const Error& error) {
      throw Error(error.kind(), error.message(), study.name + ", " + NameOf(combination));
    }
  }
  CheckProbes(study, trainer, &prepared);
  return prepared;
}

json ToJson(const PreparedStudy& prepared) {
  json combinations = json::array();
  for (const Combination& combination : prepared.combinations) {
    combinations.push_back({{"variant", combination.variant}, {"config", combination.config}});
  }
  return {{"combinations", combinations}, {"datasets", prepared.datasets}, {"warnings", prepared.warnings}};
}

PreparedStudy PreparedStudyFromJson(const json& json, const std::string& source) {
  const JsonReader reader(json, source);
  PreparedStudy prepared;
  for (const JsonReader& item : reader.At("combinations").AsArray()) {
    Combination combination;
    for (const auto& [factor, level] : item.At("variant").AsMap())
      combination.variant[factor] = level.AsString();
    combination.config = item.At("config").value();
    item.Finish();
    prepared.combinations.push_back(std::move(combination));
  }
  prepared.datasets = reader.At("datasets").value();
  reader.Read("warnings", &prepared.warnings);
  reader.Finish();
  return prepared;
}

}  // namespace yoake::studies
