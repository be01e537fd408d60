#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/byte_scan.h"

namespace yoake {

// A number of a JSON text, exact: `value` is the double nearest to what is written (ties to even), bit by bit
// what strtod gives. Beyond the largest double it is infinite. As in Python's json module NaN, Infinity and
// -Infinity are numbers too, so that a reader can say which value is wrong.
struct JsonNumber {
  double value = 0;
  std::int64_t integer = 0;  // When `whole`.
  bool whole = false;        // Written without fraction and exponent, and fits into 64 bits.
};

namespace json_number {

template <typename T>
inline constexpr std::array<T, 9> kPowersOfTen = [] {
  std::array<T, 9> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// The bytes at `text` as a number whose lowest byte comes first.
inline std::uint64_t LoadEight(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// What the upper `count` bytes say, 1 to 8 digits with the first one lowest: pairs, fours and eights of
// digits are added up by multiplication, behind zeros that take the place of what was below.
inline std::uint64_t Value(std::uint64_t digits, unsigned count) {
  digits = (digits << (64 - 8 * count)) & 0x0F0F0F0F0F0F0F0F;
  digits = digits * 10 + (digits >> 8);
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  return ((digits & kPairs) * 0x000F424000000064 + ((digits >> 16) & kPairs) * 0x0000271000000001) >> 32;
}

struct Parsed {
  const char* end;  // Null when it is no number.
  JsonNumber number;
};

// Everything that the quick way below leaves: long numbers, exponents, NaN.
[[gnu::cold]] Parsed ParseAny(const char* text);

}  // namespace json_number

// Reads the number at `text` and returns its end; null when none stands there ("01", "1.", "+1" and ".5" are
// none). 17 bytes behind the text must be readable and zero.
//
// The quick way, for up to 14 digits, knows no loop: a mask of what is a digit tells how long the parts are,
// and Clinger's fast path ("How to read floating point numbers accurately", 1990) applies: the quotient of a
// whole number up to 2^53 and a power of ten up to 10^22 is exact but for its one rounding.
[[gnu::always_inline]] inline const char* ParseJsonNumber(const char* text, JsonNumber* number) {
  const auto other_way = [&] {
    const json_number::Parsed parsed = json_number::ParseAny(text);
    *number = parsed.number;
    return parsed.end;
  };
  const bool negative = *text == '-';
  const char* const at = text + (negative ? 1 : 0);
  std::uint32_t others = ~DigitMask(at);
  const auto head = static_cast<unsigned>(std::countr_zero(others));
  if (head - 1 >= 8 || (*at == '0' && head > 1)) [[unlikely]]
    return other_way();
  const std::uint64_t digits = json_number::LoadEight(at);
  std::uint64_t mantissa = 0;
  double size = 0;
  const bool whole = at[head] != '.';
  const char* end = at + head;
  if (whole) {
    mantissa = json_number::Value(digits, head);
    size = static_cast<double>(static_cast<std::int64_t>(mantissa));
  } else {
    others &= others - 1;
    const unsigned tail = static_cast<unsigned>(std::countr_zero(others)) - head - 1;
    if (tail - 1 >= 8 || head + tail >= 15) [[unlikely]]
      return other_way();
    if (head + tail < 8) {  // Both parts in one word: the tail moves up to the head.
      const std::uint64_t keep = ~std::uint64_t{0} << (8 * head);
      mantissa = json_number::Value((digits & ~keep) | ((digits >> 8) & keep), head + tail);
    } else {
      mantissa = json_number::Value(digits, head) * json_number::kPowersOfTen<std::uint64_t>[tail] +
                 json_number::Value(json_number::LoadEight(end + 1), tail);
    }
    end += 1 + tail;
    size = static_cast<double>(static_cast<std::int64_t>(mantissa)) / json_number::kPowersOfTen<double>[tail];
  }
  if ((*end | 0x20) == 'e') [[unlikely]]
    return other_way();
  number->value = negative ? -size : size;
  number->integer = static_cast<std::int64_t>(negative ? -mantissa : mantissa);
  number->whole = whole;
  return end;
}

}  // namespace yoake
