#include "trainer/run/progress_bar.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/time_left.h"

namespace yoake::trainer {
namespace {

constexpr std::size_t kBarWidth = 12;
constexpr std::chrono::seconds kLogInterval(60);

std::string Bar(double share) {
  const auto done = std::min(kBarWidth, static_cast<std::size_t>(share * static_cast<double>(kBarWidth)));
  std::string bar(done, '=');
  if (done < kBarWidth) bar += '>';
  bar.resize(kBarWidth, ' ');
  return "[" + bar + "]";
}

std::string MemoryText(double mb) {
  return mb < 9999.5 ? fmt::format("{:.0f} MB", mb) : fmt::format("{:.1f} GB", mb / 1000);
}

}  // namespace

std::string ProgressText(const StepView& view) {
  const double share = static_cast<double>(view.step) / static_cast<double>(view.steps);
  std::string text =
      fmt::format("epoch {}/{} {} {}/{}", view.epoch, view.epochs, Bar(share), view.step, view.steps);
  if (!view.activity.empty()) text += " " + view.activity;
  if (view.seconds_left) text += fmt::format(" {} left", FormatTimeLeft(*view.seconds_left));
  if (view.images_per_s > 0) text += fmt::format(" | {:.1f} img/s", view.images_per_s);
  text += " | " + MemoryText(view.rss_mb);
  if (view.gpu_mb) text += ", GPU " + MemoryText(*view.gpu_mb);
  if (view.step == 0) return text;
  text += fmt::format(" | box {:.2f} obj {:.2f} cls {:.2f}", view.box, view.obj, view.cls);
  if (view.l1 > 0) text += fmt::format(" l1 {:.2f}", view.l1);
  return text;
}

bool ProgressBar::Due() const {
  if (TerminalLine::IsTerminal()) return line_.Due();
  return std::chrono::steady_clock::now() - logged_ >= kLogInterval;
}

void ProgressBar::Show(const StepView& view) {
  if (TerminalLine::IsTerminal()) {
    line_.Show(ProgressText(view));
    return;
  }
  logged_ = std::chrono::steady_clock::now();
  spdlog::info("{}", ProgressText(view));
}

}  // namespace yoake::trainer
