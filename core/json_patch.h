#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yoake {

// The value at a dotted path ("optimizer.lr", "tests.night.images"), or nullptr when there is none.
const nlohmann::json* FindPath(const nlohmann::json& root, const std::string& dotted_path);

// Sets the value at a dotted path. Every object on the way must exist (Error{kConfig} with a did-you-mean at
// the first step that does not); the last key may be new, whoever reads the result decides whether it knows
// it.
void SetPath(nlohmann::json* root, const std::string& dotted_path, nlohmann::json value);

// Lays `patch` over `*root`: objects are merged key by key, everything else (arrays too) replaces. A key of
// the patch may itself be a dotted path. An object that names another "type" than the one it is laid over
// replaces it, so that parameters of one loss never leak into another.
void MergePatch(nlohmann::json* root, const nlohmann::json& patch);

// Every leaf of an object as (dotted path, value), in key order. Arrays and empty objects are leaves.
std::vector<std::pair<std::string, nlohmann::json>> Flatten(const nlohmann::json& root);

// "key=value" of a command line: the value as JSON when it parses as JSON, else as a string.
// Throws Error{kUsage} when there is no '='.
std::pair<std::string, nlohmann::json> ParseOverride(std::string_view argument);

}  // namespace yoake
