#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "studies/duration.h"

namespace yoake::cli {
namespace {

constexpr double kRefresh_s = 0.25;
constexpr char kClear[] = "\r\x1b[K";

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::size_t TerminalWidth() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

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
  if (progress.left_s) text += fmt::format(" | {} left", studies::FormatTimeLeft(*progress.left_s));
  return text;
}

ProgressPrinter::ProgressPrinter(std::string metric)
    : metric_(std::move(metric)), terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressPrinter::~ProgressPrinter() {
  if (!shown_.empty()) std::fputs(kClear, stderr);
}

void ProgressPrinter::OnProgress(const studies::StudyProgress& progress) {
  const double now = Now();
  if (!terminal_ || now - shown_s_ < kRefresh_s) return;
  shown_s_ = now;
  const std::string text = ProgressText(progress, metric_).substr(0, TerminalWidth() - 1);
  if (text == shown_) return;
  shown_ = text;
  std::fprintf(stderr, "%s%s", kClear, shown_.c_str());
  std::fflush(stderr);
}

void ProgressPrinter::OnTrialEnded(const studies::TrialNote& note) {
  std::string text = fmt::format("trial {}", note.number);
  if (!note.label.empty()) text += fmt::format(" ({})", note.label);
  text += " " + search::ToString(note.state);
  if (note.value) text += fmt::format(" {} {:.4f}", metric_, *note.value);
  text += fmt::format(" after {}", studies::FormatTimeLeft(note.seconds));
  if (note.attempts > 1) text += fmt::format(", {} attempts", note.attempts);
  if (!note.reason.empty()) text += ": " + note.reason;
  if (!note.message.empty()) text += ": " + note.message;
  Line(text);
}

void ProgressPrinter::OnNotice(const std::string& text) { Line(text); }

void ProgressPrinter::Line(const std::string& text) {
  std::fprintf(stderr, "%s%s\n", shown_.empty() ? "" : kClear, text.c_str());
  shown_.clear();
  shown_s_ = 0;
}

}  // namespace yoake::cli
