#include "core/display_text.h"

#include <cstddef>

#include "core/utf8.h"

namespace yoake {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kEllipsis = 0x2026;

bool IsWide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0x303E) || (c >= 0x3041 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) ||
         (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1F64F) ||
         (c >= 0x1F680 && c <= 0x1F6FF) || (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
}

bool IsZeroWidth(char32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE00 && c <= 0xFE0F);
}

}  // namespace

std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> code_points;
  code_points.reserve(text.size());
  while (!text.empty()) {
    char32_t code = kReplacement;
    const std::size_t size = DecodeUtf8(text, &code);
    code_points.push_back(size == 0 ? kReplacement : code);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return code_points;
}

std::string ToUtf8(const std::vector<char32_t>& code_points) {
  std::string text;
  for (const char32_t code : code_points) AppendUtf8(code, &text);
  return text;
}

std::string Shortened(std::string_view text, int limit, bool keep_tail) {
  std::vector<char32_t> points = CodePoints(text);
  const auto size = static_cast<std::ptrdiff_t>(points.size());
  if (size > limit && keep_tail) {
    points.erase(points.begin(), points.end() - (limit - 1));
    points.insert(points.begin(), kEllipsis);
  } else if (size > limit) {
    points.resize(static_cast<std::size_t>(limit - 1));
    points.push_back(kEllipsis);
  }
  return ToUtf8(points);
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (const char32_t c : CodePoints(text)) width += IsWide(c) ? 2 : IsZeroWidth(c) ? 0 : 1;
  return width;
}

}  // namespace yoake
