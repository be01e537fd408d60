#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "studies/study_folder.h"
#include "studies/trial_story.h"

namespace yoake::studies {

// Scores the detections of finished trials against the truth of each test set. Truth is read once and kept.
class TestScorer {
 public:
  explicit TestScorer(const StudyFolder& folder) : folder_(folder) {}

  // Scores the trial on `test`, whose dataset is `spec`, unless trials/<number>/eval/<test>.json stands
  // already, and writes that file. Returns why it could not, or "".
  std::string Score(int number, const std::string& test, const nlohmann::json& spec, const TrialStory& story);

 private:
  const datasets::Dataset& Truth(const nlohmann::json& spec);

  const StudyFolder& folder_;
  std::map<std::string, datasets::Dataset> truths_;  // By the specification's text.
};

// {"night": {"mAP": .., "mAP_50": ..}, ..} of the eval files that stand: for the store and other programs.
nlohmann::json TestSummary(const StudyFolder& folder, int number);

}  // namespace yoake::studies
