#pragma once

#include <c10/core/Device.h>

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "trainer/config/train_config.h"
#include "trainer/models/yolox.h"

namespace yoake::trainer {

// What a file of trained weights, a checkpoint or an exported model, says about them.
struct ModelCard {
  TrainConfig config;                          // All but `augment`, which is our default.
  std::vector<datasets::Category> categories;  // In the order of the model's labels.

  std::vector<std::string> Names() const;
};

// [{"id", "name"}, ...], the form of a checkpoint's meta.
nlohmann::json CategoriesToJson(const std::vector<datasets::Category>& categories);

// meta: {"config": {...}, "categories": [{"id", "name"}, ...], ...}. Throws Error{kData} naming `where` when
// one of the two is missing.
ModelCard ParseModelCard(const nlohmann::json& meta, const std::string& where);

// A checkpoint made ready to detect.
struct TrainedModel {
  ModelCard card;
  Yolox model{nullptr};
};

// Throws Error{kData} for a checkpoint without model card or with weights that do not fit it.
TrainedModel LoadTrainedModel(const std::filesystem::path& checkpoint, c10::Device device);

}  // namespace yoake::trainer
