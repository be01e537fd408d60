#include "cli/progress.h"

#include <fmt/format.h>

#include <cstdio>

#include "core/time_left.h"

namespace yoake::cli {
namespace {

std::string SlotText(const studies::SlotProgress& slot, const std::string& metric) {
  if (!slot.trial) return slot.slot + " free";
  std::string text = fmt::format("{} #{} epoch {}", slot.slot, *slot.trial, slot.epoch);
  if (slot.epochs > 0) text += fmt::format("/{}", slot.epochs);
  if (slot.value) text += fmt::format(" {} {:.3f}", metric, *slot.value);
  return text;
}

}  // namespace

std::string ProgressText(const studies::StudyProgress& progress, const std::string& metric) {
  std::string text = fmt::format("trial {}/{}", progress.ended, progress.total);
  for (const studies::SlotProgress& slot : progress.slots) text += " | " + SlotText(slot, metric);
  if (progress.best) text += fmt::format(" | best {:.3f}", *progress.best);
  if (progress.pruned > 0) text += fmt::format(" | {} pruned", progress.pruned);
  if (progress.failed > 0) text += fmt::format(" | {} failed", progress.failed);
  if (progress.stopping) return text + " | stopping";
  if (progress.left_s) text += fmt::format(" | {} left", FormatTimeLeft(*progress.left_s));
  return text;
}

ProgressPrinter::ProgressPrinter(std::string metric) : metric_(std::move(metric)) {}

void ProgressPrinter::OnProgress(const studies::StudyProgress& progress) {
  if (line_.Due()) line_.Show(ProgressText(progress, metric_));
}

void ProgressPrinter::OnTrialEnded(const studies::TrialNote& note) {
  std::string text = fmt::format("trial {}", note.number);
  if (!note.label.empty()) text += fmt::format(" ({})", note.label);
  text += " " + search::ToString(note.state);
  if (note.value) text += fmt::format(" {} {:.4f}", metric_, *note.value);
  text += fmt::format(" after {}", FormatTimeLeft(note.seconds));
  if (note.attempts > 1) text += fmt::format(", {} attempts", note.attempts);
  if (!note.reason.empty()) text += ": " + note.reason;
  if (!note.message.empty()) text += ": " + note.message;
  Line(text);
}

void ProgressPrinter::OnNotice(const std::string& text) { Line(text); }

void ProgressPrinter::Line(const std::string& text) {
  line_.Clear();
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace yoake::cli
