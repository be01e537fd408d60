#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "studies/study_config.h"
#include "studies/trainer.h"
#include "studies/variants.h"

namespace yoake::studies {

// What is known before the first trial takes a device: everything that can be wrong in a study file has been
// looked at.
struct PreparedStudy {
  std::vector<Combination> combinations;  // With configurations as the trainer resolved them.
  nlohmann::json datasets;                // Provenance records of results.json.
  std::vector<std::string> warnings;      // The trainer's, each once.
};

// Resolves the configuration of every combination (for yoake-trainer evaluation.metric becomes the study's
// metric and threads the cores' share of a slot, unless the study says otherwise), reads every dataset, and
// lets the trainer check one sampled configuration a combination and every choice of every categorical
// parameter. Throws Error{kConfig} or Error{kData} with what is wrong and where.
PreparedStudy PrepareStudy(const StudyConfig& study, const Trainer& trainer);

nlohmann::json ToJson(const PreparedStudy& prepared);
PreparedStudy PreparedStudyFromJson(const nlohmann::json& json, const std::string& source);

}  // namespace yoake::studies
