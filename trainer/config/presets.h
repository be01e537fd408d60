#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace yoake::trainer {

// Parts of configurations that come with the program under a name: configs/presets/NAME.json, read when it
// was built. A configuration asks for them by the key "preset": what it writes itself wins over them.
std::vector<std::string> PresetNames();

// Throws Error{kConfig} at "preset" with a did-you-mean for an unknown name.
nlohmann::json Preset(const std::string& name);

// What a "preset" key may hold: a name or a list of names, later ones over earlier ones, as one patch. Throws
// Error{kConfig}.
nlohmann::json PresetPatch(const nlohmann::json& names);

}  // namespace yoake::trainer
