#include "studies/study_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "search/pruner.h"
#include "search/sampler.h"
#include "search/space.h"
#include "search/terminator.h"
#include "studies/config_paths.h"
#include "studies/device_pool.h"
#include "studies/duration.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

[[noreturn]] void RefuseConfig(const std::string& message) { throw Error(ErrorKind::kConfig, message); }

// Names become parts of file names.
bool IsFileName(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos && name.size() <= 100;
}

void ReadObject(const JsonReader& reader, const std::string& key, json* out) {
  const auto found = reader.Find(key);
  if (!found) return;
  if (!found->value().is_object()) found->Fail("must be an object");
  *out = found->value();
}

void ReadDuration(const JsonReader& reader, const std::string& key, std::optional<double>* out) {
  if (const auto found = reader.Find(key)) *out = ParseDuration(*found);
}

void ReadBase(const JsonReader& reader, const fs::path& folder, json* base) {
  const auto found = reader.Find("base");
  if (!found) return;
  if (found->value().is_string()) {
    const fs::path file = folder / found->AsString();
    *base = ParseJsonFile(file);
    if (!base->is_object())
      throw Error(ErrorKind::kConfig, "a training configuration is an object", file.string());
    AnchorPaths(base, file.parent_path());
    return;
  }
  if (!found->value().is_object()) found->Fail("must be a training configuration, inline or as a path");
  *base = found->value();
  AnchorPaths(base, folder);
}

void ReadDevices(const JsonReader& reader, std::vector<std::string>* devices) {
  const auto found = reader.Find("devices");
  if (!found) return;
  if (found->value().is_string()) {
    *devices = {found->AsString()};
  } else {
    reader.Read("devices", devices);
  }
}

// data and tests use the words of a training configuration, so its paths are found by the same rule.
void ReadDatasets(const JsonReader& reader, const std::string& key, const fs::path& folder, json* out) {
  ReadObject(reader, key, out);
  json config = {{key, std::move(*out)}};
  AnchorPaths(&config, folder);
  *out = std::move(config[key]);
}

void ReadVariants(const JsonReader& reader, const fs::path& folder, json* variants) {
  const auto found = reader.Find("variants");
  if (!found) return;
  for (const auto& [factor, levels] : found->AsMap()) {
    (*variants)[factor] = json::object();
    for (const auto& [level, patch] : levels.AsMap()) {
      if (!patch.value().is_object())
        patch.Fail("must be an object that is laid over the base configuration");
      json& copy = (*variants)[factor][level] = patch.value();
      AnchorPaths(&copy, folder);
    }
    if (levels.AsMap().empty()) levels.Fail("a factor needs at least one level");
  }
}

void ReadTrainer(const JsonReader& reader, const fs::path& folder, ForeignTrainer* trainer) {
  const auto found = reader.Find("trainer");
  if (!found) return;
  found->Read("command", &trainer->command);
  found->Read("folder", &trainer->folder);
  found->Finish();
  if (!trainer->command.empty()) {
    trainer->folder = fs::absolute(folder / trainer->folder).lexically_normal().string();
  }
}

void ReadConfirm(const JsonReader& reader, ConfirmConfig* confirm) {
  const auto found = reader.Find("confirm");
  if (!found) return;
  found->Read("best", &confirm->best);
  found->Read("seeds", &confirm->seeds);
  found->Read("interval", &confirm->interval);
  found->Finish();
}

void CheckStrategies(const JsonReader& reader, const StudyConfig& config) {
  const auto at = [&](const json& value, const char* key) {
    return JsonReader(value, reader.source(), reader.path() + "." + key);
  };
  search::ParseSearchSpace(at(config.space, "space"));
  search::MakeSampler(at(config.sampler, "sampler"));
  search::MakePruner(at(config.pruner, "pruner"));
  search::MakeTerminator(at(config.terminator, "terminator"));
}

// Like SetPath, but makes the objects on the way: whether the key exists is the strict reader's question.
void SetCreating(json* root, const std::string& dotted_path, json value) {
  for (std::size_t dot = 0; (dot = dotted_path.find('.', dot)) != std::string::npos; ++dot) {
    const std::string parent = dotted_path.substr(0, dot);
    if (FindPath(*root, parent) == nullptr) SetPath(root, parent, json::object());
  }
  SetPath(root, dotted_path, std::move(value));
}

// Paths typed on the command line are relative to the working directory.
void AnchorOverride(const std::string& key, json* value) {
  const std::string base = "base.";
  json patch = {{key.rfind(base, 0) == 0 ? key.substr(base.size()) : key, std::move(*value)}};
  AnchorPaths(&patch, fs::current_path());
  *value = std::move(patch.begin().value());
}

// A strict reader would not suggest a key that the file has already.
void CheckOverrideKey(const std::string& key) {
  const std::string first = key.substr(0, key.find('.'));
  std::vector<std::string> known;
  const json defaults = ToJson(StudyConfig{});
  for (const auto& [name, unused] : defaults.items()) known.push_back(name);
  if (std::find(known.begin(), known.end(), first) != known.end()) return;
  throw Error(ErrorKind::kUsage, fmt::format("a study has no key '{}'{}", first, DidYouMean(first, known)),
              key);
}

void ApplyOverrides(const std::vector<std::string>& overrides, const fs::path& folder, json* study) {
  for (const std::string& text : overrides) {
    auto [key, value] = ParseOverride(text);
    CheckOverrideKey(key);
    const bool into_base = key.rfind("base.", 0) == 0;
    if (into_base && study->contains("base") && (*study)["base"].is_string()) {
      JsonReader reader(*study, "");
      json base;
      ReadBase(reader, folder, &base);
      (*study)["base"] = std::move(base);
    }
    AnchorOverride(key, &value);
    SetCreating(study, key, std::move(value));
  }
}

json OptionalDuration(const std::optional<double>& seconds) {
  return seconds ? json(FormatDuration(*seconds)) : json();
}

}  // namespace

void StudyConfig::Validate() const {
  if (!IsFileName(name)) {
    RefuseConfig(
        fmt::format("name '{}' must be 1 to 100 characters without '/', not beginning with '.'", name));
  }
  if (metric.empty()) RefuseConfig("metric must name a metric that the trainer reports, such as \"mAP\"");
  if (trials < 1) RefuseConfig(fmt::format("trials must be at least 1, got {}", trials));
  if (retries < 0 || retries > 100) RefuseConfig(fmt::format("retries must be 0 to 100, got {}", retries));
  if (confirm.best < 0) RefuseConfig(fmt::format("confirm.best must be at least 0, got {}", confirm.best));
  if (confirm.seeds < 2) {
    RefuseConfig(
        fmt::format("confirm.seeds counts the search's own run too: at least 2, got {}", confirm.seeds));
  }
  if (!(confirm.interval > 0)) {
    RefuseConfig(fmt::format("confirm.interval must be above 0 standard errors, got {}", confirm.interval));
  }
  ParseDevices(devices);
  for (const auto& [test, unused] : tests.items()) {
    if (!IsFileName(test)) {
      RefuseConfig(fmt::format(
          "the test name '{}' must be 1 to 100 characters without '/', not beginning with '.'", test));
    }
  }
}

StudyConfig ParseStudyConfig(const JsonReader& reader, const fs::path& folder) {
  StudyConfig config;
  config.name = fs::path(reader.source()).stem().string();
  reader.Read("name", &config.name);
  reader.Read("metric", &config.metric);
  if (const auto direction = reader.Find("direction")) {
    try {
      config.direction = search::ParseDirection(direction->AsString());
    } catch (const Error& error) {
      if (!error.where().empty()) throw;
      direction->Fail(error.message());
    }
  }
  reader.Read("seed", &config.seed);
  reader.Read("trials", &config.trials);
  ReadDuration(reader, "timeout", &config.timeout_s);
  ReadDuration(reader, "trial_timeout", &config.trial_timeout_s);
  reader.Read("retries", &config.retries);
  ReadDevices(reader, &config.devices);
  reader.Read("storage", &config.storage);
  ReadBase(reader, folder, &config.base);
  ReadObject(reader, "space", &config.space);
  if (const auto sampler = reader.Find("sampler")) config.sampler = sampler->value();
  if (const auto pruner = reader.Find("pruner")) config.pruner = pruner->value();
  if (const auto terminator = reader.Find("terminator")) config.terminator = terminator->value();
  ReadConfirm(reader, &config.confirm);
  ReadDatasets(reader, "data", folder, &config.data);
  ReadDatasets(reader, "tests", folder, &config.tests);
  ReadVariants(reader, folder, &config.variants);
  ReadTrainer(reader, folder, &config.trainer);
  reader.Finish();
  CheckStrategies(reader, config);
  try {
    config.Validate();
  } catch (const Error& error) {
    reader.Fail(error.message());
  }
  return config;
}

StudyConfig ReadStudyConfig(const fs::path& file, const std::vector<std::string>& overrides) {
  json study = ParseJsonFile(file);
  const fs::path folder = fs::absolute(file).parent_path();
  if (study.is_object()) ApplyOverrides(overrides, folder, &study);
  return ParseStudyConfig(JsonReader(study, file.string()), folder);
}

void ExpandEnvironment(StudyConfig* config) {
  ExpandPaths(&config->base, "$.base");
  json datasets = {{"data", std::move(config->data)}, {"tests", std::move(config->tests)}};
  ExpandPaths(&datasets, "$");
  config->data = std::move(datasets["data"]);
  config->tests = std::move(datasets["tests"]);
  for (auto& [factor, levels] : config->variants.items()) {
    for (auto& [level, patch] : levels.items()) ExpandPaths(&patch, "$.variants." + factor + "." + level);
  }
}

json ToJson(const StudyConfig& config) {
  return {{"name", config.name},
          {"metric", config.metric},
          {"direction", search::ToString(config.direction)},
          {"seed", config.seed},
          {"trials", config.trials},
          {"timeout", OptionalDuration(config.timeout_s)},
          {"trial_timeout", OptionalDuration(config.trial_timeout_s)},
          {"retries", config.retries},
          {"devices", config.devices},
          {"storage", config.storage},
          {"base", config.base},
          {"space", config.space},
          {"sampler", config.sampler},
          {"pruner", config.pruner},
          {"terminator", config.terminator},
          {"confirm",
           {{"best", config.confirm.best},
            {"seeds", config.confirm.seeds},
            {"interval", config.confirm.interval}}},
          {"data", config.data},
          {"tests", config.tests},
          {"variants", config.variants},
          {"trainer", {{"command", config.trainer.command}, {"folder", config.trainer.folder}}}};
}

}  // namespace yoake::studies
