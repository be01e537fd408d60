#include "studies/event_tail.h"

#include <fstream>
#include <iterator>
#include <string_view>

#include "core/error.h"

namespace yoake::studies {
namespace {

std::string ReadFrom(const std::filesystem::path& file, std::uint64_t offset) {
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

std::vector<TrialEvent> EventTail::Read() {
  std::error_code missing;
  const std::uint64_t size = std::filesystem::file_size(file_, missing);
  if (missing || size <= offset_) return {};

  const std::string text = ReadFrom(file_, offset_);
  std::vector<TrialEvent> events;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    ++line_;
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (IsBlank(line)) continue;
    try {
      events.push_back(ParseTrialEvent(line));
    } catch (const Error& error) {
      if (warnings_.size() < kMaxWarnings) {
        warnings_.push_back(file_.filename().string() + " line " + std::to_string(line_) +
                            " was skipped: " + error.message());
      }
    }
  }
  offset_ += begin;
  return events;
}

void CutTornLine(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return;
  const std::string text = ReadFrom(file, 0);
  const std::size_t end = text.rfind('\n');
  const std::size_t whole = end == std::string::npos ? 0 : end + 1;
  if (whole == text.size()) return;
  std::error_code code;
  std::filesystem::resize_file(file, whole, code);
  if (code) throw Error(ErrorKind::kIo, "cannot cut a torn last line off: " + code.message(), file.string());
}

}  // namespace yoake::studies
