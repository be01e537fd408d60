#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "search/trial_record.h"

namespace yoake::studies {

// Another program than yoake-trainer that speaks the trial protocol.
struct ForeignTrainer {
  // Program and arguments; "{config}", "{trial_dir}" and "{device}" are replaced. Empty: yoake-trainer.
  std::vector<std::string> command;
  std::string folder;  // Its working directory; relative to the study file's, which is the default.
};

// Further runs, with other seeds, of the best configurations of each combination after its search.
struct ConfirmConfig {
  int best = 0;           // Configurations; 0: no such runs.
  int seeds = 3;          // Runs of one configuration at most, its first included; at least 2.
  double interval = 1.5;  // Fewer where this many standard errors decide (search/incumbent.h); above 0.
};

// A study as its file says. JSON keys are the field names (durations without _s); configs/README.md lists
// them with units and defaults, and a test compares that page with ToJson.
struct StudyConfig {
  std::string name;                                            // Default: the file's name without extension.
  std::string metric = "mAP";                                  // A column of the table, or "person.mAP_50".
  search::Direction direction = search::Direction::kMaximize;  // Of the metric.
  std::uint64_t seed = 0;                                      // Of everything random in the study.
  int trials = 20;                                             // A combination of variants.
  std::optional<double> timeout_s;        // After it no trial begins; running ones end in peace.
  std::optional<double> trial_timeout_s;  // Of one attempt of one trial, which then fails as timed_out.
  int retries = 1;                        // Further attempts after a crash.
  std::vector<std::string> devices = {"cpu:1"};     // Slots, see device_pool.h.
  std::string storage;                              // URL; empty: study.db in the study's folder.
  nlohmann::json base = nlohmann::json::object();   // The training configuration; a path was read in.
  nlohmann::json space = nlohmann::json::object();  // Search space by dotted paths of the configuration.
  nlohmann::json sampler = "auto";                  // Name, or object with "type" and options.
  nlohmann::json pruner = "none";                   // The same.
  nlohmann::json terminator = "none";               // The same, or a list of which any stops.
  ConfirmConfig confirm;
  nlohmann::json data = nlohmann::json::object();      // Laid over base.data: train, val.
  nlohmann::json tests = nlohmann::json::object();     // Laid over base.tests: name -> dataset.
  nlohmann::json variants = nlohmann::json::object();  // Factor -> level -> patch of the configuration.
  ForeignTrainer trainer;

  // Throws Error{kConfig} naming the field and its range.
  void Validate() const;
};

// Strict: unknown keys, values, samplers and paths are errors with a did-you-mean. Relative paths are made
// absolute against `folder`; environment variables stay (ExpandEnvironment).
StudyConfig ParseStudyConfig(const JsonReader& reader, const std::filesystem::path& folder);

// Reads a study file (comments allowed), lays `overrides` ("key=value", dotted keys) over it and parses it.
StudyConfig ReadStudyConfig(const std::filesystem::path& file,
                            const std::vector<std::string>& overrides = {});

// Puts environment variables into the paths of datasets; after it the study no longer depends on them.
// Throws Error{kConfig} naming a variable that is not set.
void ExpandEnvironment(StudyConfig* config);

// Every key; ParseStudyConfig reads it back as the same study.
nlohmann::json ToJson(const StudyConfig& config);

}  // namespace yoake::studies
