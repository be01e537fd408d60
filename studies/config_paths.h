#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace yoake::studies {

// Paths inside a training configuration or a patch of one: data.train, data.val, every entry of tests (a
// path, or an object with "annotations" and "images") and init. Keys may be dotted ("data.train").

// Makes relative paths absolute against `folder`. A path that begins with an environment variable is left as
// it is.
void AnchorPaths(nlohmann::json* config, const std::filesystem::path& folder);

// Puts environment variables in for ${NAME}; a result that is still relative is relative to the working
// directory, as the person who set the variable meant it. `where` names the place in messages. Throws
// Error{kConfig} naming a variable that is not set.
void ExpandPaths(nlohmann::json* config, const std::string& where);

}  // namespace yoake::studies
