#include "trainer/run/memory_steps.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace yoake::trainer {
namespace {

using nlohmann::json;
using Step = std::optional<MemoryStep>;

struct Situation {
  int asked_size;
  std::int64_t cache_bytes;
};

std::string Frees(std::int64_t bytes) {
  return fmt::format("(frees about {:.0f} MB)", static_cast<double>(bytes) / 1e6);
}

Step CacheOff(TrainConfig config, const Situation& situation) {
  if (config.cache_gb == 0) return std::nullopt;
  config.cache_gb = 0;
  return MemoryStep{config, "image cache off " + Frees(situation.cache_bytes)};
}

Step OneWorker(TrainConfig config, const Situation&) {
  const int before = Workers(config);
  if (before == 1) return std::nullopt;
  config.workers = 1;
  // Each may hold two steps' images that wait for their turn.
  const std::int64_t held = std::int64_t{2} * StepImages(config) * 3 * config.input_size * config.input_size;
  return MemoryStep{config, fmt::format("1 worker instead of {} {}", before, Frees((before - 1) * held))};
}

// The largest batch of at most half the size that divides the step's images.
Step HalfBatch(TrainConfig config, const Situation&) {
  if (config.batch == 1) return std::nullopt;
  const int images = StepImages(config);
  const int before = config.batch;
  const int share = images / config.nproc_per_node;  // Of a process.
  config.batch /= 2;
  while (share % config.batch != 0) --config.batch;
  config.accumulate = images / config.batch;
  return MemoryStep{config, fmt::format("batch {} instead of {}, accumulate {} (still {} images a step)",
                                        config.batch, before, config.accumulate, images)};
}

Step SmallerImages(TrainConfig config, const Situation& situation) {
  constexpr int kStride = 32;
  const int smaller = config.input_size * 3 / 4 / kStride * kStride;
  if (!config.shrink_input || smaller < kStride || 2 * smaller < situation.asked_size) return std::nullopt;
  const int before = std::exchange(config.input_size, smaller);
  return MemoryStep{config, fmt::format("input_size {} instead of {}: another result", smaller, before)};
}

using Try = Step (*)(TrainConfig, const Situation&);
constexpr Try kHostSteps[] = {CacheOff, OneWorker, HalfBatch, SmallerImages};
constexpr Try kDeviceSteps[] = {HalfBatch, SmallerImages};

}  // namespace

std::optional<MemoryStep> GiveUp(const TrainConfig& config, MemoryKind ran_out, int asked_size,
                                 std::int64_t cache_bytes) {
  const auto first = [&](const auto& steps) -> Step {
    for (const Try step : steps) {
      if (Step found = step(config, {asked_size, cache_bytes})) return found;
    }
    return std::nullopt;
  };
  return ran_out == MemoryKind::kHost ? first(kHostSteps) : first(kDeviceSteps);
}

json MemoryKeys(const TrainConfig& config) {
  const json all = ToJson(config);
  json keys;
  for (const char* key : {"batch", "accumulate", "input_size", "cache_gb", "workers"}) keys[key] = all[key];
  return keys;
}

TrainConfig WithMemoryKeys(const TrainConfig& config, const json& keys) {
  json all = ToJson(config);
  all.update(keys);
  return ParseTrainConfig(JsonReader(all, "memory.json"));
}

}  // namespace yoake::trainer
