#include "trainer/loss_config.h"

#include <algorithm>
#include <set>

#include "core/did_you_mean.h"

namespace yoake::trainer {
namespace {

struct LossType {
  std::string name;
  LossRole role;
  std::vector<std::string> keys;  // Besides type, reduction and loss_weight.
};

// A new loss: one line here, one in losses/loss.cc, one in configs/README.md.
const std::vector<LossType>& Types() {
  static const std::vector<LossType> types = {
      {"CrossEntropyLoss", LossRole::kElement, {"use_sigmoid"}},
      {"FocalLoss", LossRole::kElement, {"use_sigmoid", "gamma", "alpha"}},
      {"IoULoss", LossRole::kBox, {"mode", "eps"}},
      {"GIoULoss", LossRole::kBox, {"eps"}},
      {"DIoULoss", LossRole::kBox, {"eps"}},
      {"CIoULoss", LossRole::kBox, {"eps"}},
      {"L1Loss", LossRole::kL1, {}},
  };
  return types;
}

const LossType* FindType(const std::string& name) {
  for (const LossType& type : Types()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

// mmdetection's defaults (mmdet/models/losses/*.py, 3.x).
LossConfig MmdetectionDefaults(const std::string& type) {
  LossConfig config{.type = type, .loss_weight = 1.0, .reduction = "mean"};
  config.gamma = 2.0;
  config.alpha = 0.25;
  config.mode = "log";
  config.eps = 1e-6;
  return config;
}

void RequireOneOf(const JsonReader& reader, const std::string& key, const std::string& value,
                  const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  reader.At(key).Fail("'" + value + "' is none of: " + names);
}

std::string ParseType(const JsonReader& reader, LossRole role) {
  const JsonReader type = reader.At("type");
  const std::string name = type.AsString();
  const LossType* found = FindType(name);
  if (found == nullptr) type.Fail("unknown loss '" + name + "'" + DidYouMean(name, LossTypes(role)));
  if (found->role != role) type.Fail("'" + name + "' does not fit here" + DidYouMean(name, LossTypes(role)));
  return name;
}

void CheckRanges(const JsonReader& reader, const LossConfig& config) {
  if (config.loss_weight < 0) reader.Fail("loss_weight must be at least 0");
  if (config.gamma < 0) reader.Fail("gamma must be at least 0");
  if (config.alpha < 0 || config.alpha > 1) reader.Fail("alpha must lie in [0, 1]");
  if (config.eps <= 0 || config.eps > 0.1) reader.Fail("eps must lie in (0, 0.1]");
}

}  // namespace

std::vector<std::string> LossTypes(LossRole role) {
  std::vector<std::string> names;
  for (const LossType& type : Types()) {
    if (type.role == role) names.push_back(type.name);
  }
  return names;
}

std::vector<std::string> LossKeys(const std::string& type) {
  const LossType* found = FindType(type);
  if (found == nullptr) return {};
  std::set<std::string> keys(found->keys.begin(), found->keys.end());
  keys.insert({"type", "reduction", "loss_weight"});
  return {keys.begin(), keys.end()};
}

LossConfig ParseLossConfig(const JsonReader& reader, LossRole role, const LossConfig& defaults) {
  LossConfig config = defaults;
  if (reader.Find("type")) config = MmdetectionDefaults(ParseType(reader, role));
  const std::vector<std::string> keys = LossKeys(config.type);
  const auto has = [&](const char* key) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };

  reader.Read("loss_weight", &config.loss_weight);
  reader.Read("reduction", &config.reduction);
  if (reader.Find("reduction")) RequireOneOf(reader, "reduction", config.reduction, {"sum", "mean"});
  if (has("use_sigmoid")) {
    bool use_sigmoid = true;
    reader.Read("use_sigmoid", &use_sigmoid);
    if (!use_sigmoid) {
      reader.At("use_sigmoid").Fail("YOLOX scores every class by its own sigmoid; use true");
    }
  }
  if (has("gamma")) reader.Read("gamma", &config.gamma);
  if (has("alpha")) reader.Read("alpha", &config.alpha);
  if (has("eps")) reader.Read("eps", &config.eps);
  if (has("mode")) {
    reader.Read("mode", &config.mode);
    if (reader.Find("mode")) RequireOneOf(reader, "mode", config.mode, {"linear", "square", "log"});
    bool linear = false;  // mmdetection's older way of saying it; wins over mode there too.
    reader.Read("linear", &linear);
    if (linear) config.mode = "linear";
  }
  for (const auto& [key, unused] : reader.value().items()) {
    if (has(key.c_str()) || key == "linear") continue;
    for (const LossType& other : Types()) {
      if (std::find(other.keys.begin(), other.keys.end(), key) == other.keys.end()) continue;
      reader.Fail("'" + key + "' is a parameter of " + other.name + ", not of " + config.type);
    }
  }
  reader.Finish();
  CheckRanges(reader, config);
  return config;
}

nlohmann::json ToJson(const LossConfig& config) {
  const nlohmann::json all = {{"type", config.type},           {"loss_weight", config.loss_weight},
                              {"reduction", config.reduction}, {"use_sigmoid", true},
                              {"gamma", config.gamma},         {"alpha", config.alpha},
                              {"mode", config.mode},           {"eps", config.eps}};
  nlohmann::json json = nlohmann::json::object();
  for (const std::string& key : LossKeys(config.type)) json[key] = all.at(key);
  return json;
}

}  // namespace yoake::trainer
