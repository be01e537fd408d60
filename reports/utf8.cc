#include "reports/utf8.h"

#include <cstddef>

namespace yoake::reports {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kEllipsis = 0x2026;

bool IsTail(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Reads one code point at `at` and moves on; a malformed sequence consumes one byte.
char32_t Next(std::string_view text, std::size_t* at) {
  const auto lead = static_cast<unsigned char>(text[*at]);
  const int length = lead < 0x80             ? 1
                     : (lead & 0xE0) == 0xC0 ? 2
                     : (lead & 0xF0) == 0xE0 ? 3
                     : (lead & 0xF8) == 0xF0 ? 4
                                             : 0;
  char32_t code = length == 1 ? lead : lead & (0x7F >> length);
  bool valid = length > 0 && *at + static_cast<std::size_t>(length) <= text.size();
  for (int i = 1; valid && i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[*at + static_cast<std::size_t>(i)]);
    valid = IsTail(byte);
    code = (code << 6) | (byte & 0x3F);
  }
  // Overlong forms, surrogates and what lies beyond Unicode are malformed too.
  static constexpr char32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  valid = valid && code >= kLowest[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  *at += valid ? static_cast<std::size_t>(length) : 1;
  return valid ? code : kReplacement;
}

}  // namespace

std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> code_points;
  code_points.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) code_points.push_back(Next(text, &at));
  return code_points;
}

std::string ToUtf8(const std::vector<char32_t>& code_points) {
  std::string text;
  const auto add = [&](char32_t byte) { text += static_cast<char>(byte); };
  for (const char32_t c : code_points) {
    if (c < 0x80) {
      add(c);
    } else if (c < 0x800) {
      add(0xC0 | (c >> 6));
      add(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      add(0xE0 | (c >> 12));
      add(0x80 | ((c >> 6) & 0x3F));
      add(0x80 | (c & 0x3F));
    } else {
      add(0xF0 | (c >> 18));
      add(0x80 | ((c >> 12) & 0x3F));
      add(0x80 | ((c >> 6) & 0x3F));
      add(0x80 | (c & 0x3F));
    }
  }
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

}  // namespace yoake::reports
