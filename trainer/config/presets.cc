#include "trainer/config/presets.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "trainer/config/preset_texts.h"
#include "trainer/run/device_fit.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

constexpr const char* kDevice = "device";

[[noreturn]] void Fail(const std::string& message) { throw Error(ErrorKind::kConfig, message, "preset"); }

}  // namespace

std::vector<std::string> PresetNames() {
  std::vector<std::string> names = {kDevice};
  for (const PresetText& preset : PresetTexts()) names.push_back(preset.name);
  return names;
}

std::vector<std::string> ParsePresetNames(const json& value) {
  const std::vector<std::string> known = PresetNames();
  std::vector<std::string> names;
  for (const json& name : value.is_array() ? value : json::array({value})) {
    if (!name.is_string()) Fail("is a name or a list of names, got " + value.dump());
    names.push_back(name);
    if (std::find(known.begin(), known.end(), names.back()) != known.end()) continue;
    Fail("unknown preset '" + names.back() + "'" + DidYouMean(names.back(), known));
  }
  return names;
}

json Preset(const std::string& name, const TrainConfig& config) {
  if (name == kDevice) return FitToDevice(config);
  for (const PresetText& preset : PresetTexts()) {
    if (name == preset.name) return ParseJson(preset.text, "preset " + name);
  }
  Fail("unknown preset '" + name + "'");
}

}  // namespace yoake::trainer
