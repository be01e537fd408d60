#include "trainer/config/config_file.h"

#include <algorithm>
#include <cstdlib>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "trainer/augment/former_keys.h"
#include "trainer/config/presets.h"
#include "trainer/data/run_data.h"
#include "trainer/losses/loss_config.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Makes every path of a resolved configuration absolute; absolute ones stay.
void ResolvePaths(json* config, const fs::path& base_folder, const std::string& source) {
  json& data = (*config)["data"];
  for (const char* key : {"train", "val"}) {
    data[key] = ResolveDatasetPaths(data[key], base_folder, source, std::string("data.") + key);
  }
  for (auto& [name, spec] : (*config)["tests"].items()) {
    spec = ResolveDatasetPaths(spec, base_folder, source, "tests." + name);
  }
  const std::string init = (*config)["init"];
  if (!init.empty()) (*config)["init"] = fs::absolute(base_folder / init).lexically_normal().string();
}

// "loss.cls.type": what the old type alone knew must go, or the new one would refuse it.
void DropKeysOfOldType(json* config, const std::string& path) {
  if (path.rfind("loss.", 0) != 0 || path.size() < 5 || path.compare(path.size() - 5, 5, ".type") != 0)
    return;
  const std::string parent = path.substr(0, path.size() - 5);
  const json* found = FindPath(*config, parent);
  if (found == nullptr || !found->is_object() || !(*found)["type"].is_string()) return;
  const std::vector<std::string> keys = LossKeys((*found)["type"]);
  if (keys.empty()) return;  // Unknown: the parser says so.
  json kept = json::object();
  for (const auto& [key, value] : found->items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) kept[key] = value;
  }
  SetPath(config, parent, kept);
}

// SetPath lets the last key be new. Here every key that exists is there already, but names of tests, what is
// in a dataset, the keys of another loss type and augment's former ones (the parser judges those).
void RequireKnown(const json& config, const std::string& path) {
  for (const char* open : {"tests.", "data.", "loss."}) {
    if (path.rfind(open, 0) == 0) return;
  }
  if (FindPath(config, path) != nullptr) return;
  const std::size_t dot = path.rfind('.');
  const json* parent = dot == std::string::npos ? &config : FindPath(config, path.substr(0, dot));
  if (parent == nullptr || !parent->is_object()) return;  // SetPath says where the path ends.
  std::vector<std::string> keys;
  for (const auto& [key, unused] : parent->items()) keys.push_back(key);
  const std::string key = path.substr(dot + 1);
  if (path == "augment." + key && !PresentName(key).empty()) return;
  throw Error(ErrorKind::kConfig, "unknown key '" + path + "'" + DidYouMean(key, keys), "command line");
}

TrainConfig ParseResolved(const json& config, const std::string& source) {
  return ParseTrainConfig(JsonReader(config, source));
}

// Each preset over the one before, the file's own keys over all.
void LayPresets(const json& names, const json& own, const std::string& source, json* config) {
  for (const std::string& name : ParsePresetNames(names)) {
    json patch = Preset(name, ParseResolved(*config, source));
    MergePatch(&patch, own);
    MergePatch(config, patch);
  }
}

json ReadWithPresets(const fs::path& file) {
  json written = ParseJsonFile(file);
  if (!written.is_object() || !written.contains("preset")) return written;
  const json names = written["preset"];
  written.erase("preset");
  json config = written;
  LayPresets(names, written, file.string(), &config);
  return config;
}

void Override(json* config, const std::string& argument) {
  auto [path, value] = ParseOverride(argument);
  if (path == "preset") {
    LayPresets(value, json::object(), "command line", config);
    return;
  }
  RequireKnown(*config, path);
  SetPath(config, path, std::move(value));
  DropKeysOfOldType(config, path);
}

}  // namespace

TrainConfig LoadTrainConfig(const fs::path& file, const std::vector<std::string>& overrides) {
  if (!fs::is_regular_file(file)) {
    throw Error(ErrorKind::kUsage, "no such configuration file", file.string());
  }
  const json written = ReadWithPresets(file);
  json config = ToJson(ParseResolved(written, file.string()));
  ResolvePaths(&config, fs::absolute(file).parent_path(), file.string());
  if (!overrides.empty()) {
    for (const std::string& argument : overrides) Override(&config, argument);
    config = ToJson(ParseResolved(config, "command line"));
    ResolvePaths(&config, fs::current_path(), "command line");
  }
  TrainConfig parsed = ParseResolved(config, file.string());
  if (const char* device = std::getenv("YOAKE_DEVICE"); device != nullptr && *device != '\0') {
    parsed.device = device;
    parsed.Validate();
  }
  return parsed;
}

}  // namespace yoake::trainer
