#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "trainer/weights/checkpoint.h"
#include "trainer/weights/trained_model.h"

namespace yoake::trainer {

// A model of random weights whose BatchNorm has the statistics of real activations and scales and shifts of
// its own, and whose answers differ from anchor to anchor: what a trained one looks like to whoever converts
// it.
inline TrainedModel TrainedLike(const ModelConfig& model, int input_size,
                                const std::vector<std::string>& names = {"person", "car", "bicycle"}) {
  TrainedModel trained;
  trained.card.config.model = model;
  trained.card.config.input_size = input_size;
  for (const std::string& name : names) {
    trained.card.categories.push_back(
        {datasets::CategoryId(static_cast<std::int64_t>(3 * trained.card.categories.size()) + 1), name, ""});
  }
  trained.model = MakeYolox(model, static_cast<int>(names.size()), 5);
  const at::NoGradGuard no_grad;
  at::manual_seed(11);
  for (auto& item : trained.model->named_parameters()) {
    if (item.key().find(".bn.weight") != std::string::npos) item.value().uniform_(.7, 1.3);
    if (item.key().find(".bn.bias") != std::string::npos) item.value().uniform_(-.3, .3);
    const bool score = item.key().find("cls_preds") != std::string::npos ||
                       item.key().find("obj_preds") != std::string::npos;
    if (score && item.value().dim() == 4) item.value().mul_(20);
  }
  trained.model->train();
  for (int i = 0; i < 40; ++i) trained.model->forward(at::rand({2, 3, 64, 64}) * 255);
  trained.model->eval();
  return trained;
}

// As training writes it.
inline void SaveTrained(const std::filesystem::path& path, const TrainedModel& trained) {
  Checkpoint checkpoint;
  checkpoint.model = StateOf(*trained.model);
  checkpoint.meta = {{"config", ToJson(trained.card.config)},
                     {"categories", CategoriesToJson(trained.card.categories)}};
  SaveCheckpoint(path, checkpoint);
}

}  // namespace yoake::trainer
