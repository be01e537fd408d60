#include "studies/config_paths.h"

#include <functional>
#include <nlohmann/json.hpp>

#include "core/environment.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;

// Gets the path to change and its JSON path.
using Visit = std::function<void(std::string*, const std::string&)>;

void VisitString(json* value, const std::string& at, const Visit& visit) {
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) return;
  visit(&value->get_ref<std::string&>(), at);
}

void VisitPaths(json* value, const std::string& at, const Visit& visit) {
  if (!value->is_array()) return VisitString(value, at, visit);
  for (std::size_t i = 0; i < value->size(); ++i) {
    VisitString(&(*value)[i], at + "[" + std::to_string(i) + "]", visit);
  }
}

void VisitDataset(json* spec, const std::string& at, const Visit& visit) {
  if (!spec->is_object()) return VisitPaths(spec, at, visit);
  for (const char* key : {"annotations", "images"}) {
    if (spec->contains(key)) VisitPaths(&(*spec)[key], at + "." + key, visit);
  }
}

void VisitEach(json* datasets, const std::string& at, const Visit& visit) {
  if (!datasets->is_object()) return;
  for (auto& [name, spec] : datasets->items()) VisitDataset(&spec, at + "." + name, visit);
}

void VisitConfig(json* config, const std::string& where, const Visit& visit) {
  if (!config->is_object()) return;
  for (auto& [key, value] : config->items()) {
    const std::string at = where + "." + key;
    if (key == "init") VisitString(&value, at, visit);
    if (key == "data" || key == "tests") VisitEach(&value, at, visit);
    if (key.rfind("data.", 0) == 0 || key.rfind("tests.", 0) == 0) VisitDataset(&value, at, visit);
  }
}

}  // namespace

void AnchorPaths(json* config, const std::filesystem::path& folder) {
  VisitConfig(config, "$", [&](std::string* path, const std::string&) {
    if (path->rfind("${", 0) != 0)
      *path = std::filesystem::absolute(folder / *path).lexically_normal().string();
  });
}

void ExpandPaths(json* config, const std::string& where) {
  VisitConfig(config, where, [](std::string* path, const std::string& at) {
    *path = std::filesystem::absolute(ExpandEnvironment(*path, at)).lexically_normal().string();
  });
}

}  // namespace yoake::studies
