#include "trainer/weights/trained_model.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json_reader.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {

std::vector<std::string> ModelCard::Names() const {
  std::vector<std::string> names;
  for (const datasets::Category& category : categories) names.push_back(category.name);
  return names;
}

nlohmann::json CategoriesToJson(const std::vector<datasets::Category>& categories) {
  nlohmann::json list = nlohmann::json::array();
  for (const datasets::Category& category : categories) {
    list.push_back({{"id", static_cast<std::int64_t>(category.id)}, {"name", category.name}});
  }
  return list;
}

ModelCard ParseModelCard(const nlohmann::json& meta, const std::string& where) {
  if (!meta.is_object() || !meta.contains("config") || !meta.contains("categories")) {
    throw Error(ErrorKind::kData,
                "holds weights, but neither configuration nor category names; train from it first (init=" +
                    where + ")",
                where);
  }
  const JsonReader reader(meta, where + ": meta");
  ModelCard card;
  // How it was augmented is nothing to those who predict, and older versions wrote it otherwise.
  nlohmann::json config = meta.at("config");
  if (config.is_object()) config.erase("augment");
  card.config = ParseTrainConfig(JsonReader(config, reader.source(), "$.config"));
  for (const JsonReader& category : reader.At("categories").AsArray()) {
    card.categories.push_back(
        {datasets::CategoryId(category.At("id").AsInt()), category.At("name").AsString(), ""});
  }
  return card;
}

TrainedModel LoadTrainedModel(const std::filesystem::path& checkpoint, c10::Device device) {
  const Checkpoint loaded = LoadCheckpoint(checkpoint);
  TrainedModel trained;
  trained.card = ParseModelCard(loaded.meta, checkpoint.string());
  trained.model = MakeYolox(trained.card.config.model, static_cast<int>(trained.card.categories.size()));
  const LoadReport report = LoadState(*trained.model, loaded.model);
  if (!report.complete()) throw Error(ErrorKind::kData, report.Text(), checkpoint.string());
  trained.model->to(device);
  return trained;
}

}  // namespace yoake::trainer
