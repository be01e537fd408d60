#include "core/json_patch.h"

#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake {
namespace {

std::vector<std::string> SplitPath(const std::string& dotted_path) {
  std::vector<std::string> keys;
  std::size_t begin = 0;
  while (true) {
    const std::size_t dot = dotted_path.find('.', begin);
    keys.push_back(dotted_path.substr(begin, dot - begin));
    if (keys.back().empty()) throw Error(ErrorKind::kConfig, "empty key in the path '" + dotted_path + "'");
    if (dot == std::string::npos) return keys;
    begin = dot + 1;
  }
}

std::vector<std::string> Keys(const nlohmann::json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : object.items()) keys.push_back(key);
  return keys;
}

void FlattenInto(const nlohmann::json& value, const std::string& path,
                 std::vector<std::pair<std::string, nlohmann::json>>* leaves) {
  if (!value.is_object() || value.empty()) {
    leaves->emplace_back(path, value);
    return;
  }
  for (const auto& [key, child] : value.items())
    FlattenInto(child, path.empty() ? key : path + "." + key, leaves);
}

bool NamesAnotherType(const nlohmann::json& target, const nlohmann::json& patch) {
  const auto type = patch.find("type");
  return type != patch.end() && target.contains("type") && target["type"] != *type;
}

}  // namespace

const nlohmann::json* FindPath(const nlohmann::json& root, const std::string& dotted_path) {
  const nlohmann::json* node = &root;
  for (const std::string& key : SplitPath(dotted_path)) {
    if (!node->is_object() || !node->contains(key)) return nullptr;
    node = &(*node)[key];
  }
  return node;
}

void SetPath(nlohmann::json* root, const std::string& dotted_path, nlohmann::json value) {
  const std::vector<std::string> keys = SplitPath(dotted_path);
  nlohmann::json* node = root;
  std::string walked;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!node->is_object()) {
      throw Error(ErrorKind::kConfig,
                  "'" + walked + "' is not an object, so '" + dotted_path + "' cannot be set");
    }
    if (i + 1 == keys.size()) break;
    if (!node->contains(keys[i])) {
      throw Error(ErrorKind::kConfig, "unknown path '" + dotted_path + "': there is no '" + keys[i] + "'" +
                                          (walked.empty() ? "" : " in '" + walked + "'") +
                                          DidYouMean(keys[i], Keys(*node)));
    }
    walked += (walked.empty() ? "" : ".") + keys[i];
    node = &(*node)[keys[i]];
  }
  (*node)[keys.back()] = std::move(value);
}

void MergePatch(nlohmann::json* root, const nlohmann::json& patch) {
  if (!root->is_object() || !patch.is_object() || NamesAnotherType(*root, patch)) {
    *root = patch;
    return;
  }
  for (const auto& [key, value] : patch.items()) {
    if (key.find('.') != std::string::npos) {
      SetPath(root, key, value);
    } else {
      MergePatch(&(*root)[key], value);
    }
  }
}

std::vector<std::pair<std::string, nlohmann::json>> Flatten(const nlohmann::json& root) {
  std::vector<std::pair<std::string, nlohmann::json>> leaves;
  FlattenInto(root, "", &leaves);
  return leaves;
}

std::pair<std::string, nlohmann::json> ParseOverride(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw Error(ErrorKind::kUsage, "expected key=value, got '" + std::string(argument) + "'");
  }
  const std::string text(argument.substr(equals + 1));
  nlohmann::json value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) value = text;
  return {std::string(argument.substr(0, equals)), std::move(value)};
}

}  // namespace yoake
