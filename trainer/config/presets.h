#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

// Parts of configurations that come with the program under a name: configs/presets/NAME.json, read when it
// was built, and "device", which is measured where it is asked for (run/device_fit.h). A configuration asks
// for them by the key "preset"; what it writes itself wins over them.
std::vector<std::string> PresetNames();

// What the key "preset" holds: a name or a list of names. Throws Error{kConfig} at "preset" for something
// else and, with a did-you-mean, for unknown names.
std::vector<std::string> ParsePresetNames(const nlohmann::json& value);

// The keys of a preset, for this configuration.
nlohmann::json Preset(const std::string& name, const TrainConfig& config);

}  // namespace yoake::trainer
