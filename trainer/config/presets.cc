#include "trainer/config/presets.h"

#include <nlohmann/json.hpp>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "core/json_reader.h"
#include "trainer/config/preset_texts.h"

namespace yoake::trainer {

using nlohmann::json;

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const PresetText& preset : PresetTexts()) names.push_back(preset.name);
  return names;
}

json Preset(const std::string& name) {
  for (const PresetText& preset : PresetTexts()) {
    if (name == preset.name) return ParseJson(preset.text, "preset " + name);
  }
  throw Error(ErrorKind::kConfig, "unknown preset '" + name + "'" + DidYouMean(name, PresetNames()),
              "preset");
}

json PresetPatch(const json& names) {
  if (names.is_string()) return Preset(names);
  json patch = json::object();
  if (!names.is_array()) {
    throw Error(ErrorKind::kConfig, "is a name or a list of names, got " + names.dump(), "preset");
  }
  for (const json& name : names) {
    if (!name.is_string())
      throw Error(ErrorKind::kConfig, "is a list of names, got " + name.dump(), "preset");
    MergePatch(&patch, Preset(name));
  }
  return patch;
}

}  // namespace yoake::trainer
