#include "core/json_number.h"

#include <cfloat>
#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

namespace yoake::json_number {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "Clinger's fast path needs arithmetic in double, not in 80 bits");

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const char* SkipDigits(const char* at) {
  while (IsDigit(*at)) ++at;
  return at;
}

// Python's three words. strncmp stops at the padding.
Parsed ParseWord(const char* text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr struct {
    std::string_view word;
    double value;
  } kWords[] = {
      {"NaN", std::numeric_limits<double>::quiet_NaN()}, {"Infinity", kInfinity}, {"-Infinity", -kInfinity}};
  for (const auto& [word, value] : kWords) {
    if (std::strncmp(text, word.data(), word.size()) == 0) return {text + word.size(), {value, 0, false}};
  }
  return {nullptr, {}};
}

// The end of the number at `text` by JSON's grammar, or null.
const char* FindEnd(const char* text, bool* whole) {
  const char* at = text + (*text == '-' ? 1 : 0);
  if (!IsDigit(*at)) return nullptr;
  if (*at == '0' && IsDigit(at[1])) return nullptr;
  at = SkipDigits(at);
  *whole = true;
  if (*at == '.') {
    if (!IsDigit(*++at)) return nullptr;
    at = SkipDigits(at);
    *whole = false;
  }
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    if (!IsDigit(*at)) return nullptr;
    at = SkipDigits(at);
    *whole = false;
  }
  return at;
}

// Whether a number too large or too small for a double, from_chars does not say which, is too large: the
// place of its first digit that is not 0, counted from the point, and the exponent decide.
bool IsHuge(const char* text, const char* end) {
  std::int64_t place = 0;  // Of the first digit that counts: 5 in 12345.6, -2 in 0.00123.
  bool found = false, fraction = false;
  const char* at = text + (*text == '-' ? 1 : 0);
  for (; at < end && *at != 'e' && *at != 'E'; ++at) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    found = found || *at != '0';
    if (found && !fraction) ++place;
    if (!found && fraction) --place;
  }
  if (at == end) return place > 0;
  const bool negative = *++at == '-';
  if (*at == '-' || *at == '+') ++at;
  std::int64_t exponent = 0;
  for (; at < end && exponent < (std::int64_t{1} << 50); ++at) exponent = exponent * 10 + (*at - '0');
  return place + (negative ? -exponent : exponent) > 0;
}

}  // namespace

Parsed ParseAny(const char* text) {
  JsonNumber number;
  bool whole = false;
  const char* const end = FindEnd(text, &whole);
  if (end == nullptr) return ParseWord(text);
  number.whole = whole && std::from_chars(text, end, number.integer).ec == std::errc();
  if (std::from_chars(text, end, number.value).ec == std::errc::result_out_of_range) {
    const double size = IsHuge(text, end) ? std::numeric_limits<double>::infinity() : 0.0;
    number.value = *text == '-' ? -size : size;
  }
  return {end, number};
}

}  // namespace yoake::json_number
