#include "trainer/losses/loss_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "trainer/losses/loss_type.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

// {"epochs": .., "values": .., "steps": ..}
bool IsCurve(const json& value) { return value.is_object() && value.contains("epochs"); }

void CheckNumber(const JsonReader& reader, const LossParam& param) {
  const double number = reader.AsDouble();
  if (number >= param.low && number <= param.high) return;
  reader.Fail(fmt::format("must lie in [{:g}, {:g}], got {:g}", param.low, param.high, number));
}

void CheckCurve(const JsonReader& reader, const LossParam& param) {
  const std::vector<JsonReader> epochs = reader.At("epochs").AsArray();
  const std::vector<JsonReader> values = reader.At("values").AsArray();
  bool steps = false;
  reader.Read("steps", &steps);
  reader.Finish();
  if (epochs.empty() || epochs.size() != values.size()) {
    reader.Fail(fmt::format("a curve has as many values as epochs, at least one; here {} and {}",
                            values.size(), epochs.size()));
  }
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    if (i > 0 && !(epochs[i - 1].AsDouble() < epochs[i].AsDouble())) {
      epochs[i].Fail("the epochs of a curve must rise");
    }
    CheckNumber(values[i], param);
  }
}

void CheckPerClass(const JsonReader& reader, const LossParam& param) {
  if (reader.value().is_array()) {
    for (const JsonReader& item : reader.AsArray()) CheckNumber(item, param);
  } else {
    for (const auto& [category, item] : reader.AsMap()) CheckNumber(item, param);
  }
}

void CheckValue(const JsonReader& reader, const LossParam& param) {
  if (param.value.is_boolean()) {
    reader.AsBool();
  } else if (param.value.is_string()) {
    const std::string text = reader.AsString();
    if (!param.choices.empty() &&
        std::find(param.choices.begin(), param.choices.end(), text) == param.choices.end()) {
      reader.Fail("'" + text + "' is none of: " + fmt::format("{}", fmt::join(param.choices, ", ")));
    }
  } else if (IsCurve(reader.value())) {
    CheckCurve(reader, param);
  } else if (reader.value().is_structured()) {
    if (!param.per_class) reader.Fail("must be a number, or a curve {\"epochs\": [..], \"values\": [..]}");
    CheckPerClass(reader, param);
  } else {
    CheckNumber(reader, param);
  }
  if (!param.only_default.empty() && reader.value() != param.value) reader.Fail(param.only_default);
}

const LossType& TypeOf(const std::string& name) {
  const LossType* type = FindLossType(name);
  if (type == nullptr) throw Error(ErrorKind::kInternal, "no loss '" + name + "'", "LossConfig");
  return *type;
}

std::string ParseType(const JsonReader& reader, LossRole role) {
  const JsonReader type = reader.At("type");
  const std::string name = type.AsString();
  const LossType* found = FindLossType(name);
  if (found == nullptr) type.Fail("unknown loss '" + name + "'" + DidYouMean(name, LossTypes(role)));
  if (!found->roles.contains(role)) {
    type.Fail("'" + name + "' does not fit here" + DidYouMean(name, LossTypes(role)));
  }
  return name;
}

// The key belongs to another type: says to which, a misspelling is left to the reader.
void RefuseForeignKey(const JsonReader& reader, const std::string& key, const std::string& type) {
  for (const LossType& other : AllLossTypes()) {
    for (const LossParam& param : other.params) {
      if (param.name == key)
        reader.Fail("'" + key + "' is a parameter of " + other.name + ", not of " + type);
    }
  }
}

}  // namespace

const char* NameOf(LossRole role) {
  switch (role) {
    case LossRole::kCls:
      return "cls";
    case LossRole::kObj:
      return "obj";
    case LossRole::kBbox:
      return "bbox";
    case LossRole::kL1:
      return "l1";
  }
  throw Error(ErrorKind::kInternal, "loss role out of range");
}

double ValueAt(const json& value, double epoch) {
  if (!IsCurve(value)) return value.get<double>();
  const auto& epochs = value.at("epochs");
  const auto& values = value.at("values");
  std::size_t next = 0;
  while (next < epochs.size() && epochs[next].get<double>() <= epoch) ++next;
  if (next == 0) return values.front().get<double>();
  const double before = values[next - 1].get<double>();
  if (next == epochs.size() || value.value("steps", false)) return before;
  const double begin = epochs[next - 1].get<double>();
  const double share = (epoch - begin) / (epochs[next].get<double>() - begin);
  return before + share * (values[next].get<double>() - before);
}

double LossConfig::NumberAt(const std::string& param, double epoch) const {
  return ValueAt(params.at(param), epoch);
}

const std::string& LossConfig::Text(const std::string& param) const {
  return params.at(param).get_ref<const std::string&>();
}

bool LossConfig::Flag(const std::string& param) const { return params.at(param).get<bool>(); }

double LossConfig::DefaultOf(const std::string& name) const {
  for (const LossParam& param : ParamsOf(TypeOf(type))) {
    if (param.name == name) return param.value.get<double>();
  }
  throw Error(ErrorKind::kInternal, type + " has no parameter " + name, "LossConfig");
}

LossConfig MakeLossConfig(LossRole role, const std::string& type,
                          const std::map<std::string, json>& changes) {
  LossConfig config{.role = role, .type = type, .params = {}};
  for (const LossParam& param : ParamsOf(TypeOf(type))) config.params[param.name] = param.value;
  for (const auto& [name, value] : changes) config.params.at(name) = value;
  return config;
}

std::vector<std::string> LossTypes(LossRole role) {
  std::vector<std::string> names;
  for (const LossType& type : AllLossTypes()) {
    if (type.roles.contains(role)) names.push_back(type.name);
  }
  return names;
}

std::vector<std::string> LossKeys(const std::string& type) {
  const LossType* found = FindLossType(type);
  if (found == nullptr) return {};
  std::vector<std::string> keys = {"type"};
  for (const LossParam& param : ParamsOf(*found)) keys.push_back(param.name);
  std::sort(keys.begin(), keys.end());
  return keys;
}

LossConfig ParseLossConfig(const JsonReader& reader, const LossConfig& defaults) {
  LossConfig config = defaults;
  if (reader.Find("type")) config = MakeLossConfig(defaults.role, ParseType(reader, defaults.role));
  const LossType& type = TypeOf(config.type);
  for (const LossParam& param : ParamsOf(type)) {
    if (const auto value = reader.Find(param.name)) {
      CheckValue(*value, param);
      config.params[param.name] = value->value();
    }
  }
  // mmdetection's older way of saying it; wins over mode there too.
  bool linear = false;
  if (config.type == "IoULoss") reader.Read("linear", &linear);
  if (linear) config.params["mode"] = "linear";
  for (const auto& [key, value] : reader.value().items()) {
    if (config.params.contains(key) || key == "type" || key == "linear") continue;
    if (type.free_params) {
      CheckValue(reader.At(key),
                 {.name = key, .value = 0.0, .low = -std::numeric_limits<double>::infinity()});
      config.params[key] = value;
    } else {
      RefuseForeignKey(reader, key, config.type);
    }
  }
  reader.Finish();
  try {
    type.make(config);
  } catch (const Error& error) {
    reader.Fail(error.message());
  }
  return config;
}

json ToJson(const LossConfig& config) {
  json out = config.params;
  out["type"] = config.type;
  return out;
}

}  // namespace yoake::trainer
