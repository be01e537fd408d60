#include "reports/utf8.h"

#include <cstddef>

#include "core/utf8.h"

namespace yoake::reports {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kEllipsis = 0x2026;

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

}  // namespace yoake::reports
