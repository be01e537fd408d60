#include "trainer/run/progress.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json_patch.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

bool MayDiffer(const std::string& path) {
  for (const char* free :
       {"device", "nproc_per_node", "threads", "workers", "cache_gb", "shrink_input", "init", "evaluation.",
        "tests", "data.val", "tensorboard.", "loss.balance_steps", "patience", "budget_minutes"}) {
    if (path.rfind(free, 0) == 0) return true;
  }
  return false;
}

json Optional(const std::optional<double>& value) { return value ? json(*value) : json(); }

}  // namespace

json MetricsToJson(const Metrics& metrics) {
  json object = json::object();
  for (const auto& [name, value] : metrics) object[name] = Optional(value);
  return object;
}

json ToJson(const Progress& progress) {
  json shares = json::object();
  for (const auto& [role, sum] : progress.shares) shares[NameOf(role)] = sum;
  return {{"epoch", progress.epoch},
          {"step", progress.step},
          {"seconds", progress.seconds},
          {"sums", {progress.loss, progress.bbox, progress.obj, progress.cls, progress.l1}},
          {"shares", shares},
          {"looks", progress.looks},
          {"best_epoch", progress.best_epoch},
          {"improved_epoch", progress.improved_epoch},
          {"best", Optional(progress.best)},
          {"best_metrics", MetricsToJson(progress.best_metrics)}};
}

Progress ProgressFromJson(const json& object) {
  Progress progress;
  progress.epoch = object.at("epoch").get<int>();
  progress.step = object.at("step").get<std::int64_t>();
  progress.seconds = object.at("seconds").get<double>();
  const auto sums = object.at("sums").get<std::vector<double>>();
  progress.loss = sums.at(0);
  progress.bbox = sums.at(1);
  progress.obj = sums.at(2);
  progress.cls = sums.at(3);
  progress.l1 = sums.at(4);
  const json shares = object.value("shares", json::object());
  for (const LossRole role : {LossRole::kCls, LossRole::kObj, LossRole::kBbox, LossRole::kL1}) {
    if (shares.contains(NameOf(role))) progress.shares[role] = shares.at(NameOf(role)).get<double>();
  }
  progress.looks = object.value("looks", 0);
  progress.best_epoch = object.at("best_epoch").get<int>();
  progress.improved_epoch = object.value("improved_epoch", progress.best_epoch);
  if (!object.at("best").is_null()) progress.best = object.at("best").get<double>();
  for (const auto& [name, value] : object.at("best_metrics").items()) {
    progress.best_metrics[name] = value.is_null() ? std::nullopt : std::optional(value.get<double>());
  }
  return progress;
}

void RequireSameRun(const json& saved_config, const TrainConfig& config, const std::string& where) {
  const json saved = ToJson(ParseTrainConfig(JsonReader(saved_config, where)));
  const json now = ToJson(config);
  for (const auto& [path, value] : Flatten(now)) {
    if (MayDiffer(path)) continue;
    const json* before = FindPath(saved, path);
    if (before != nullptr && *before == value) continue;
    throw Error(ErrorKind::kConfig,
                "the checkpoint was trained with " + path + " = " +
                    (before == nullptr ? "(nothing)" : before->dump()) + ", the configuration says " +
                    value.dump() + "; resume with the old value or start a new run",
                where);
  }
}

}  // namespace yoake::trainer
