#include "studies/variants.h"

#include "core/error.h"
#include "core/json_patch.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;

// A patch may name "augment.flip.prob" although the base leaves augment to the trainer's defaults.
void MakeParents(json* config, const json& patch) {
  for (const auto& [key, unused] : patch.items()) {
    for (std::size_t dot = 0; (dot = key.find('.', dot)) != std::string::npos; ++dot) {
      const std::string parent = key.substr(0, dot);
      if (FindPath(*config, parent) == nullptr) SetPath(config, parent, json::object());
    }
  }
}

json BaseConfig(const StudyConfig& study) {
  json config = study.base;
  if (!study.data.empty()) MergePatch(&config, {{"data", study.data}});
  if (!study.tests.empty()) MergePatch(&config, {{"tests", study.tests}});
  return config;
}

std::vector<Combination> Cross(const std::vector<Combination>& combinations, const std::string& factor,
                               const json& levels) {
  std::vector<Combination> crossed;
  for (const Combination& combination : combinations) {
    for (const auto& [level, patch] : levels.items()) {
      Combination next = combination;
      next.variant[factor] = level;
      try {
        MakeParents(&next.config, patch);
        MergePatch(&next.config, patch);
      } catch (const Error& error) {
        throw Error(ErrorKind::kConfig, error.message(), "$.variants." + factor + "." + level);
      }
      crossed.push_back(std::move(next));
    }
  }
  return crossed;
}

}  // namespace

std::string Combination::Label() const {
  std::string label;
  for (const auto& [factor, level] : variant) label += (label.empty() ? "" : " / ") + level;
  return label;
}

std::vector<Combination> MakeCombinations(const StudyConfig& config) {
  std::vector<Combination> combinations = {{{}, BaseConfig(config)}};
  for (const auto& [factor, levels] : config.variants.items()) {
    combinations = Cross(combinations, factor, levels);
  }
  return combinations;
}

}  // namespace yoake::studies
