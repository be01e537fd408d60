#include <nlohmann/json.hpp>

#include "core/error.h"
#include "search/distribution.h"
#include "search/python_json.h"

namespace yoake::search {
namespace {

using Json = nlohmann::json;

std::string Bool(bool value) { return value ? "true" : "false"; }

// The key order is that of Optuna's __dict__.
std::string Attributes(const FloatDistribution& d) {
  return "{\"step\": " + (d.step ? PythonFloat(*d.step) : "null") + ", \"low\": " + PythonFloat(d.low) +
         ", \"high\": " + PythonFloat(d.high) + ", \"log\": " + Bool(d.log) + "}";
}

std::string Attributes(const IntDistribution& d) {
  return "{\"log\": " + Bool(d.log) + ", \"step\": " + std::to_string(d.step) +
         ", \"low\": " + std::to_string(d.low) + ", \"high\": " + std::to_string(d.high) + "}";
}

std::string Attributes(const CategoricalDistribution& d) {
  Json choices = Json::array();
  for (const Choice& choice : d.choices) choices.push_back(ToJson(choice));
  return "{\"choices\": " + PythonJson(choices) + "}";
}

const char* Name(const FloatDistribution&) { return "FloatDistribution"; }
const char* Name(const IntDistribution&) { return "IntDistribution"; }
const char* Name(const CategoricalDistribution&) { return "CategoricalDistribution"; }

FloatDistribution ReadFloat(const Json& attributes, bool log, const char* step_key) {
  FloatDistribution d;
  d.low = attributes.at("low").get<double>();
  d.high = attributes.at("high").get<double>();
  d.log = attributes.value("log", log);
  if (attributes.contains(step_key) && !attributes.at(step_key).is_null()) {
    d.step = attributes.at(step_key).get<double>();
  }
  return d;
}

IntDistribution ReadInt(const Json& attributes, bool log) {
  IntDistribution d;
  d.low = attributes.at("low").get<std::int64_t>();
  d.high = attributes.at("high").get<std::int64_t>();
  d.log = attributes.value("log", log);
  d.step = attributes.value("step", std::int64_t{1});
  return d;
}

CategoricalDistribution ReadCategorical(const Json& attributes) {
  CategoricalDistribution d;
  for (const Json& choice : attributes.at("choices")) d.choices.push_back(ChoiceFromJson(choice));
  return d;
}

Distribution Read(const std::string& name, const Json& attributes) {
  if (name == "FloatDistribution") return ReadFloat(attributes, false, "step");
  if (name == "IntDistribution") return ReadInt(attributes, false);
  if (name == "CategoricalDistribution") return ReadCategorical(attributes);
  if (name == "UniformDistribution") return ReadFloat(attributes, false, "step");
  if (name == "LogUniformDistribution") return ReadFloat(attributes, true, "step");
  if (name == "DiscreteUniformDistribution") return ReadFloat(attributes, false, "q");
  if (name == "IntUniformDistribution") return ReadInt(attributes, false);
  if (name == "IntLogUniformDistribution") return ReadInt(attributes, true);
  throw Error(ErrorKind::kStorage, "unknown distribution '" + name + "'");
}

}  // namespace

std::string ToOptunaJson(const Distribution& distribution) {
  return std::visit(
      [](const auto& d) {
        return std::string("{\"name\": \"") + Name(d) + "\", \"attributes\": " + Attributes(d) + "}";
      },
      distribution);
}

Distribution FromOptunaJson(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    const Distribution distribution = Read(json.at("name").get<std::string>(), json.at("attributes"));
    Validate(distribution);
    return distribution;
  } catch (const Json::exception& error) {
    throw Error(ErrorKind::kStorage, std::string("not a distribution of Optuna: ") + error.what(), text);
  } catch (const Error& error) {
    throw Error(ErrorKind::kStorage, "not a distribution of Optuna: " + error.message(), text);
  }
}

}  // namespace yoake::search
