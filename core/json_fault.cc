#include "core/json_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/utf8.h"

namespace yoake {
namespace {

constexpr std::size_t kMaxShownBytes = 40;
constexpr std::size_t kMaxShownLevels = 8;  // At either end of a path.

// One open bracket on the way to the place.
struct Level {
  bool is_object = false;
  std::size_t index = 0;
  std::string_view key;  // Empty between a comma and the next key.
};

std::string Step(const Level& level) {
  if (!level.is_object) return fmt::format("[{}]", level.index);
  return level.key.empty() ? "" : "." + Printable(level.key);
}

std::size_t StringEnd(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

}  // namespace

Error Located(const JsonFault& fault, std::string_view text, const std::string& file) {
  const std::string path = JsonPath(text, fault.offset());
  if (fault.fault() == JsonFault::Kind::kValue) {
    return Error(ErrorKind::kData, fault.message(), file + ": " + path);
  }
  return Error(ErrorKind::kData,
               fmt::format("not valid JSON at {} (in {}): {}", LineAndColumn(text, fault.offset()), path,
                           fault.message()),
               file);
}

std::string JsonPath(std::string_view text, std::size_t offset) {
  std::vector<Level> levels;
  std::string_view last_string;
  for (std::size_t at = 0; at < std::min(offset, text.size()); ++at) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t end = StringEnd(text, at);
      last_string = text.substr(at + 1, end - at - 1);
      at = end;
    } else if (c == '{' || c == '[') {
      levels.push_back({c == '{', 0, {}});
    } else if (!levels.empty() && (c == '}' || c == ']')) {
      levels.pop_back();
    } else if (!levels.empty() && c == ':') {
      levels.back().key = last_string;
    } else if (!levels.empty() && c == ',') {
      ++levels.back().index;
      levels.back().key = {};
    }
  }
  std::string path = "$";
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (i == kMaxShownLevels && levels.size() > 2 * kMaxShownLevels) {
      path += "...";
      i = levels.size() - kMaxShownLevels;
    }
    path += Step(levels[i]);
  }
  return path;
}

std::string LineAndColumn(std::string_view text, std::size_t offset) {
  text = text.substr(0, offset);
  const std::size_t newline = text.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? text : text.substr(newline + 1);
  const auto starts = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return fmt::format("line {}, column {}", std::count(text.begin(), text.end(), '\n') + 1, starts + 1);
}

std::string Printable(std::string_view bytes) {
  std::string shown;
  std::size_t at = 0;
  while (at < bytes.size() && at < kMaxShownBytes) {
    char32_t code = 0;
    const std::size_t size = DecodeUtf8(bytes.substr(at), &code);
    if (size == 0 || code < 0x20) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[at++]));
    } else {
      shown += bytes.substr(at, size);
      at += size;
    }
  }
  return at < bytes.size() ? shown + "..." : shown;
}

}  // namespace yoake
