#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

// A configuration file with `key=value` overrides laid over it. The key "preset" (presets.h) lies under the
// file's own keys; as an override it lies over the file and under the overrides that follow it; what comes
// out has its keys and not its name. Paths of the file are resolved against its folder, paths of the
// overrides against the current one; ${NAME} is replaced. An override of a loss's "type" keeps weight and
// reduction and drops what belongs to the old type. The environment's YOAKE_DEVICE wins over the key device.
// Throws Error{kConfig} (Error{kUsage} for an override without '=').
TrainConfig LoadTrainConfig(const std::filesystem::path& file, const std::vector<std::string>& overrides);

}  // namespace yoake::trainer
