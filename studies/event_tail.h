#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/trial_event.h"

namespace yoake::studies {

// Follows a growing events.jsonl. Each Read() gives the events whose lines were completed since the last one;
// a torn last line waits until its end arrives. A line that is no event becomes a warning, never an error:
// whatever a foreign trainer prints there, the study goes on. A file that does not exist yet has no events.
class EventTail {
 public:
  explicit EventTail(std::filesystem::path file) : file_(std::move(file)) {}

  std::vector<TrialEvent> Read();

  // What was wrong with lines read so far: "events.jsonl line 12: ...", at most kMaxWarnings of them.
  const std::vector<std::string>& warnings() const { return warnings_; }

  static constexpr std::size_t kMaxWarnings = 20;

 private:
  std::filesystem::path file_;
  std::uint64_t offset_ = 0;  // Of the first byte that no complete line has covered.
  int line_ = 0;
  std::vector<std::string> warnings_;
};

// Cuts a torn last line off, so that the next process to append does not write into its middle. For files
// that no living process writes.
void CutTornLine(const std::filesystem::path& file);

}  // namespace yoake::studies
