#include "studies/trial_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/did_you_mean.h"

namespace yoake::studies {
namespace {

constexpr int kConfigurationCode = 2;

TrialOutcome Failed(FailureReason reason, std::string message, bool may_retry = false) {
  return {TrialOutcome::Kind::kFailed, 0, reason, std::move(message), may_retry};
}

TrialOutcome JudgeFinished(const Metrics& metrics, const std::string& metric) {
  const auto found = metrics.find(metric);
  if (found == metrics.end()) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : metrics) names.push_back(name);
    return Failed(FailureReason::kData, fmt::format("the trainer's last word has no metric '{}'{}", metric,
                                                    DidYouMean(metric, names)));
  }
  if (!found->second) {
    return Failed(FailureReason::kData,
                  fmt::format("the metric '{}' is undefined: there is no truth of that kind", metric));
  }
  if (std::isnan(*found->second)) {
    return Failed(FailureReason::kDiverged, fmt::format("the metric '{}' is not a number", metric));
  }
  return {TrialOutcome::Kind::kFinished, *found->second, {}, "", false};
}

std::optional<double> LastReport(const TrialStory& story, const std::string& metric) {
  for (auto epoch = story.epochs.rbegin(); epoch != story.epochs.rend(); ++epoch) {
    const auto found = epoch->second.metrics.find(metric);
    if (found != epoch->second.metrics.end() && found->second && !std::isnan(*found->second)) {
      return found->second;
    }
  }
  return std::nullopt;
}

TrialOutcome JudgeFailed(const TrialFailed& failed) {
  const bool may_retry = failed.reason == FailureReason::kInternal ||
                         failed.reason == FailureReason::kCrashed ||
                         failed.reason == FailureReason::kInterrupted;
  return Failed(failed.reason, failed.message.empty() ? "the trainer gave no message" : failed.message,
                may_retry);
}

TrialOutcome JudgeSilence(const AttemptEnd& end) {
  if (!end.status) return Failed(FailureReason::kCrashed, "the driver was gone before it ended", true);
  std::string message = end.status->ok() ? "ended without a last word" : ToString(*end.status);
  if (end.status->signal == SIGKILL) message += ", perhaps by the system for lack of memory";
  if (!end.log_tail.empty()) message += "; its log ends: " + end.log_tail;
  const bool configuration = end.configuration_code && end.status->code == kConfigurationCode;
  if (configuration) return Failed(FailureReason::kData, message);
  return Failed(FailureReason::kCrashed, message, true);
}

}  // namespace

void TrialStory::Add(const TrialEvent& event) {
  std::visit(
      [this](const auto& alternative) {
        using T = std::decay_t<decltype(alternative)>;
        if constexpr (std::is_same_v<T, TrialStarted>) {
          BeginAttempt();
          started = alternative;
        } else if constexpr (std::is_same_v<T, TrialEpoch>) {
          epochs[alternative.epoch] = alternative;
        } else if constexpr (std::is_same_v<T, TrialNotice>) {
          notices.push_back(alternative.message);
        } else if constexpr (std::is_same_v<T, TrialFinished>) {
          finished = alternative;
        } else if constexpr (std::is_same_v<T, TrialFailed>) {
          failed = alternative;
        }
      },
      event);
}

void TrialStory::BeginAttempt() {
  finished.reset();
  failed.reset();
}

nlohmann::json TrialStory::Curve() const {
  nlohmann::json curve = nlohmann::json::array();
  for (const auto& [number, epoch] : epochs) {
    nlohmann::json metrics = nlohmann::json::object();
    for (const auto& [name, value] : epoch.metrics) {
      metrics[name] = value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json();
    }
    curve.push_back({{"epoch", number}, {"seconds", epoch.seconds}, {"metrics", metrics}});
  }
  return curve;
}

TrialOutcome Judge(const TrialStory& story, const AttemptEnd& end, const std::string& metric) {
  if (story.finished) return JudgeFinished(story.finished->metrics, metric);
  switch (end.stop) {
    case StopReason::kPruned:
      if (const auto last = LastReport(story, metric))
        return {TrialOutcome::Kind::kPruned, *last, {}, "", false};
      return Failed(FailureReason::kDiverged, fmt::format("pruned without any number for '{}'", metric));
    case StopReason::kTimedOut:
      return Failed(FailureReason::kTimedOut, "took longer than trial_timeout");
    case StopReason::kInterrupted:
      return {TrialOutcome::Kind::kInterrupted, 0, FailureReason::kInterrupted, "", false};
    case StopReason::kNone:
      break;
  }
  return story.failed ? JudgeFailed(*story.failed) : JudgeSilence(end);
}

std::string LogTail(const std::filesystem::path& file, int lines) {
  constexpr std::streamoff kMaxBytes = 4096;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) return "";
  stream.seekg(std::max<std::streamoff>(0, stream.tellg() - kMaxBytes));
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; }),
             text.end());
  const std::size_t last = text.find_last_not_of("\n ");
  if (last == std::string::npos) return "";
  text.resize(last + 1);
  std::size_t begin = text.size();
  for (int i = 0; i < lines && begin != std::string::npos && begin > 0; ++i)
    begin = text.rfind('\n', begin - 1);
  return begin == std::string::npos || begin == 0 ? text : text.substr(begin + 1);
}

}  // namespace yoake::studies
