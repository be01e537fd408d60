#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

enum class MemoryKind { kHost, kDevice };

// What a run gave up so far because memory ran out.
struct GivenUp {
  TrainConfig asked;               // The configuration before.
  std::vector<std::string> steps;  // For people: "image cache off (frees about 240 MB)".
};

// The run's configuration with less, and what it gave up by that.
struct MemoryStep {
  TrainConfig config;
  std::string text;
};

// The next thing to give up, the least harmful first. Host memory: the image cache, workers but one (neither
// changes a number), half the batch with more accumulation, smaller images. Device memory holds none of the
// first two. A step always learns from as many images as before. Smaller images only where the configuration
// says `shrink_input`, down to half of `asked_size`. `cache_bytes`: what the image cache would take, see
// CacheBytes. nullopt: nothing is left.
std::optional<MemoryStep> GiveUp(const TrainConfig& config, MemoryKind ran_out, int asked_size,
                                 std::int64_t cache_bytes);

// The keys that GiveUp changes: batch, accumulate, input_size, cache_gb, workers.
nlohmann::json MemoryKeys(const TrainConfig& config);
// `config` with those keys. Throws Error{kConfig} for what is none of them.
TrainConfig WithMemoryKeys(const TrainConfig& config, const nlohmann::json& keys);

}  // namespace yoake::trainer
