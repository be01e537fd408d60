#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "studies/process.h"
#include "studies/study_config.h"
#include "studies/study_folder.h"

namespace yoake::studies {

// The program that trains: yoake-trainer, or the study's own command. yoake-trainer is asked to complete and
// check configurations before the first trial; another program is not asked anything, its configuration
// passes through as it is.
class Trainer {
 public:
  // Throws Error{kConfig} when there is no yoake-trainer.
  explicit Trainer(const StudyConfig& study);

  bool foreign() const { return !foreign_.command.empty(); }

  // `config` with every key the trainer knows. Throws Error{kConfig} with the trainer's own message.
  nlohmann::json Resolve(const nlohmann::json& config) const;

  // Checks all at once (name, configuration); the names stand in messages. Returns the trainer's warnings.
  // Throws Error{kConfig} with its own message.
  std::vector<std::string> Check(const std::vector<std::pair<std::string, nlohmann::json>>& configs) const;

  // How to start a trial whose config.json is written. `resume`: go on from its last checkpoint (--resume;
  // another program finds YOAKE_RESUME=1).
  ProcessOptions TrialProcess(const StudyFolder& folder, int number, const std::string& device,
                              bool resume) const;

 private:
  std::filesystem::path program_;  // Of yoake-trainer.
  ForeignTrainer foreign_;
};

}  // namespace yoake::studies
