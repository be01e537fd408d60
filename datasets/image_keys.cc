#include "datasets/image_keys.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake::datasets {

std::vector<std::string> ReadImageKeys(const std::filesystem::path& file, const std::string& key) {
  // Only the images are built: masks make up most of such a file.
  const auto only_images = [](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    return !(event == nlohmann::json::parse_event_t::key && depth == 1 && value != "images");
  };
  nlohmann::json root;
  try {
    root = nlohmann::json::parse(ReadFile(file), only_images);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::kData, error.what(), file.string());
  }
  std::map<std::int64_t, std::string> by_id;
  for (const nlohmann::json& image : root.value("images", nlohmann::json::array())) {
    if (!image.is_object() || !image.contains("id") || !image["id"].is_number()) continue;  // The reader's.
    if (!image.contains(key)) {
      std::vector<std::string> known;
      for (const auto& [name, unused] : image.items()) known.push_back(name);
      throw Error(ErrorKind::kData,
                  "image " + image["id"].dump() + " has no key '" + key + "'" + DidYouMean(key, known),
                  file.string());
    }
    const nlohmann::json& value = image[key];
    by_id[image["id"].get<std::int64_t>()] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  std::vector<std::string> keys;
  for (auto& [id, value] : by_id) keys.push_back(std::move(value));
  return keys;
}

}  // namespace yoake::datasets
