#include "core/trial_event.h"

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"

namespace yoake {
namespace {

constexpr std::array<std::pair<FailureReason, std::string_view>, 7> kReasons = {{
    {FailureReason::kOutOfMemory, "out_of_memory"},
    {FailureReason::kDiverged, "diverged"},
    {FailureReason::kData, "data"},
    {FailureReason::kInterrupted, "interrupted"},
    {FailureReason::kInternal, "internal"},
    {FailureReason::kTimedOut, "timed_out"},
    {FailureReason::kCrashed, "crashed"},
}};

nlohmann::json ToJson(const Metrics& metrics) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : metrics) {
    if (!value) {
      json[name] = nullptr;
    } else if (std::isnan(*value)) {
      json[name] = "nan";
    } else if (std::isinf(*value)) {
      json[name] = *value > 0 ? "inf" : "-inf";
    } else {
      json[name] = *value;
    }
  }
  return json;
}

std::optional<double> ParseMetric(const std::string& name, const nlohmann::json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  throw Error(ErrorKind::kData, "metric '" + name + "' must be a number or null, got " + value.dump());
}

Metrics ParseMetrics(const nlohmann::json& event) {
  Metrics metrics;
  const nlohmann::json json = event.value("metrics", nlohmann::json::object());
  for (const auto& [name, value] : json.items()) {
    metrics[name] = ParseMetric(name, value);
  }
  return metrics;
}

nlohmann::json ToJson(const TrialStarted& event) {
  return {
      {"event", "started"}, {"trainer", event.trainer}, {"device", event.device}, {"epochs", event.epochs}};
}
nlohmann::json ToJson(const TrialEpoch& event) {
  return {{"event", "epoch"},
          {"epoch", event.epoch},
          {"metrics", ToJson(event.metrics)},
          {"seconds", event.seconds}};
}
nlohmann::json ToJson(const TrialCheckpoint& event) {
  return {{"event", "checkpoint"}, {"epoch", event.epoch}, {"path", event.path}};
}
nlohmann::json ToJson(const TrialNotice& event) {
  return {{"event", "notice"}, {"about", event.about}, {"message", event.message}};
}
nlohmann::json ToJson(const TrialFinished& event) {
  return {{"event", "finished"}, {"metrics", ToJson(event.metrics)}, {"detections", event.detections}};
}
nlohmann::json ToJson(const TrialFailed& event) {
  return {{"event", "failed"}, {"reason", ToString(event.reason)}, {"message", event.message}};
}

TrialEvent FromJson(const nlohmann::json& json) {
  const std::string kind = json.at("event").get<std::string>();
  if (kind == "started") {
    return TrialStarted{json.value("trainer", ""), json.value("device", ""), json.value("epochs", 0)};
  }
  if (kind == "epoch") {
    return TrialEpoch{json.at("epoch").get<int>(), ParseMetrics(json), json.value("seconds", 0.0)};
  }
  if (kind == "checkpoint")
    return TrialCheckpoint{json.value("epoch", 0), json.at("path").get<std::string>()};
  if (kind == "notice") return TrialNotice{json.value("about", ""), json.value("message", "")};
  if (kind == "finished") {
    return TrialFinished{ParseMetrics(json), json.value("detections", std::map<std::string, std::string>())};
  }
  if (kind == "failed") {
    const std::string reason = json.value("reason", "internal");
    return TrialFailed{ParseFailureReason(reason).value_or(FailureReason::kInternal),
                       json.value("message", "")};
  }
  throw Error(ErrorKind::kData,
              "unknown event '" + kind + "'; known: started, epoch, checkpoint, notice, finished, failed");
}

}  // namespace

std::string ToString(FailureReason reason) {
  for (const auto& [known, text] : kReasons) {
    if (known == reason) return std::string(text);
  }
  return "internal";
}

std::optional<FailureReason> ParseFailureReason(std::string_view text) {
  for (const auto& [reason, known] : kReasons) {
    if (known == text) return reason;
  }
  return std::nullopt;
}

std::string ToJsonLine(const TrialEvent& event) {
  return std::visit([](const auto& alternative) { return ToJson(alternative).dump(); }, event);
}

TrialEvent ParseTrialEvent(std::string_view line) {
  try {
    return FromJson(nlohmann::json::parse(line));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::kData, std::string("not a trial event: ") + error.what());
  }
}

}  // namespace yoake
