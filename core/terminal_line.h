#pragma once

#include <string>

namespace yoake {

// One line of stderr that is written over and over, for a person who watches. Where stderr is no terminal
// nothing is ever shown. Not thread-safe.
class TerminalLine {
 public:
  // Clears the line that it stands on; a log pattern that begins with it keeps log lines whole.
  static constexpr char kClear[] = "\r\x1b[K";

  static bool IsTerminal();

  TerminalLine() : terminal_(IsTerminal()) {}
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;
  ~TerminalLine() { Clear(); }

  // Whether Show() would be seen: on a terminal, four times a second.
  bool Due() const;
  // Cut at the terminal's width.
  void Show(const std::string& text);
  // Before another line is written; the next Show() is due at once.
  void Clear();

 private:
  const bool terminal_;
  std::string shown_;
  double shown_s_ = 0;
};

}  // namespace yoake
