#pragma once

#include <map>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "trainer/config/train_config.h"
#include "trainer/data/category_map.h"
#include "trainer/data/training_set.h"

namespace yoake::trainer {

// Truth to score against.
struct EvaluationSet {
  datasets::Dataset truth;
  CategoryMap categories;
};

// Everything a run reads, checked before the first step: files exist, categories match, the metric is a
// column.
struct RunData {
  std::string name;  // Of the training set.
  std::vector<datasets::Category> categories;
  TrainingSet train;
  EvaluationSet val;
  std::map<std::string, EvaluationSet> tests;
  std::vector<std::string> warnings;
};

// Throws Error{kConfig} when data.train or data.val is not given and Error{kData} for what is wrong with
// them.
RunData LoadRunData(const TrainConfig& config);

// `spec` with its paths made absolute against `base_folder` and ${NAME} replaced; null stays null. `where` is
// the configuration path, for messages.
nlohmann::json ResolveDatasetPaths(const nlohmann::json& spec, const std::filesystem::path& base_folder,
                                   const std::string& source, const std::string& where);

}  // namespace yoake::trainer
