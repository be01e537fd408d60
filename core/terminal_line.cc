#include "core/terminal_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "core/clock.h"

namespace yoake {
namespace {

constexpr double kRefresh_s = 0.25;

std::size_t TerminalWidth() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

bool TerminalLine::IsTerminal() { return isatty(STDERR_FILENO) != 0; }

bool TerminalLine::Due() const { return terminal_ && SteadySeconds() - shown_s_ >= kRefresh_s; }

void TerminalLine::Show(const std::string& text) {
  if (!terminal_) return;
  shown_s_ = SteadySeconds();
  const std::string cut = text.substr(0, TerminalWidth() - 1);
  if (cut == shown_) return;
  shown_ = cut;
  std::fprintf(stderr, "%s%s", kClear, shown_.c_str());
  std::fflush(stderr);
}

void TerminalLine::Clear() {
  if (!shown_.empty()) std::fputs(kClear, stderr);
  shown_.clear();
  shown_s_ = 0;
}

}  // namespace yoake
