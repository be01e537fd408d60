#include "trainer/augment/augment_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/did_you_mean.h"
#include "trainer/augment/former_keys.h"
#include "trainer/augment/transforms.h"
#include "trainer/config/require.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

void RefuseFormerKeys(const JsonReader& reader) {
  for (const auto& [key, value] : reader.value().items()) {
    const std::string now = PresentName(key);
    if (!now.empty()) reader.Fail("'" + key + "' is called augment." + now + " now");
  }
}

void ParseTransform(const JsonReader& reader, TransformParams* params) {
  if (!reader.value().is_object()) {
    const std::string first = params->contains("prob") ? "prob" : params->begin()->first;
    reader.Fail("is an object of parameters, e.g. {\"" + first + "\": " + reader.value().dump() +
                "}; by dotted path " + reader.path().substr(2) + "." + first);
  }
  for (auto& [name, value] : *params) reader.Read(name, &value);
  reader.Finish();
}

void Parse(const JsonReader& reader, MultiScaleConfig* scale) {
  reader.Read("low", &scale->low);
  reader.Read("high", &scale->high);
  reader.Read("interval", &scale->interval);
  reader.Finish();
}

void ValidateTransform(const TransformType& type, const TransformParams& params) {
  for (const TransformParam& param : type.params) {
    const std::string path = "augment." + type.name + "." + param.name;
    const double value = params.at(param.name);
    RequireIn(path, value, param.not_below.empty() ? param.low : params.at(param.not_below), param.high);
    if (param.whole && value != std::floor(value))
      FailField(path, fmt::format("must be whole, got {:g}", value));
  }
}

void ValidateOrder(const AugmentConfig& augment) {
  std::set<std::string> named;
  for (const std::string& name : augment.order) {
    if (!augment.transforms.contains(name)) {
      FailField("augment.order", "unknown transform '" + name + "'" + DidYouMean(name, TransformNames()));
    }
    if (!named.insert(name).second)
      FailField("augment.order", "'" + name + "' stands twice; each is done once");
  }
  for (const auto& [name, params] : augment.transforms) {
    if (named.contains(name) || !IsOn(params)) continue;
    FailField("augment.order",
              "leaves out '" + name + "', which is on; add it, or switch it off" +
                  (params.contains("prob") ? ": augment." + name + ".prob=0" : " (all parameters 0)"));
  }
}

}  // namespace

AugmentConfig::AugmentConfig() : order(TransformNames()) {
  for (const TransformType& type : AllTransformTypes()) transforms[type.name] = DefaultParams(type);
}

bool IsOn(const TransformParams& params) {
  if (const auto prob = params.find("prob"); prob != params.end()) return prob->second > 0;
  return std::any_of(params.begin(), params.end(), [](const auto& param) { return param.second != 0; });
}

AugmentConfig ParseAugment(const JsonReader& reader) {
  AugmentConfig augment;
  reader.Read("order", &augment.order);
  for (auto& [name, params] : augment.transforms) {
    if (const auto transform = reader.Find(name)) ParseTransform(*transform, &params);
  }
  if (const auto scale = reader.Find("multi_scale")) Parse(*scale, &augment.multi_scale);
  reader.Read("no_aug_epochs", &augment.no_aug_epochs);
  RefuseFormerKeys(reader);
  reader.Finish();
  return augment;
}

void Validate(const AugmentConfig& augment) {
  for (const TransformType& type : AllTransformTypes()) {
    ValidateTransform(type, augment.transforms.at(type.name));
  }
  ValidateOrder(augment);
  RequireIn("augment.multi_scale.low", augment.multi_scale.low, 0.1, 4);
  RequireIn("augment.multi_scale.high", augment.multi_scale.high, augment.multi_scale.low, 4);
  RequireIn("augment.multi_scale.interval", augment.multi_scale.interval, 1, 1e6);
  if (augment.no_aug_epochs < 0) {
    FailField("augment.no_aug_epochs", fmt::format("must be at least 0, got {}", augment.no_aug_epochs));
  }
}

json ToJson(const AugmentConfig& augment) {
  json out = {{"order", augment.order},
              {"multi_scale",
               {{"low", augment.multi_scale.low},
                {"high", augment.multi_scale.high},
                {"interval", augment.multi_scale.interval}}},
              {"no_aug_epochs", augment.no_aug_epochs}};
  for (const TransformType& type : AllTransformTypes()) {
    json& params = out[type.name];
    for (const TransformParam& param : type.params) {
      const double value = augment.transforms.at(type.name).at(param.name);
      params[param.name] = param.whole ? json(static_cast<std::int64_t>(value)) : json(value);
    }
  }
  return out;
}

}  // namespace yoake::trainer
