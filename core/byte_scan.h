#pragma once

#include <bit>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace yoake {

// The searches that take most of the time of reading JSON, 16 bytes at a time where the processor has SSE2
// (every x86-64) and byte by byte elsewhere. They read up to 16 bytes behind the byte that they find.

// Bit i tells whether at[i] is a digit, i < 16.
inline std::uint32_t DigitMask(const char* at) {
#ifdef __SSE2__
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(is_digit));
#else
  std::uint32_t mask = 0;
  for (int i = 0; i < 16; ++i) mask |= static_cast<std::uint32_t>(at[i] >= '0' && at[i] <= '9') << i;
  return mask;
#endif
}

// The first byte at or after `at` that is not plain in a JSON string: quote, backslash, control character
// (a zero byte is one) or not ASCII. There must be one.
inline const char* FindNotPlain(const char* at) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
  for (;; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // As signed bytes what is not ASCII is negative: at most 0x1F as well.
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                     _mm_or_si128(_mm_cmpgt_epi8(control, block), _mm_cmpeq_epi8(control, block)));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(found));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#else
  while (static_cast<unsigned char>(*at) - 0x20u < 0x60u && *at != '"' && *at != '\\') ++at;
  return at;
#endif
}

// The first bracket, brace, quote or byte that is not ASCII in [at, end), else `end`.
inline const char* FindBracketOrQuote(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i bit = _mm_set1_epi8(0x20), quote = _mm_set1_epi8('"'), open = _mm_set1_epi8('{'),
                close = _mm_set1_epi8('}');
  for (; at < end; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i braces = _mm_or_si128(block, bit);  // [ and ] become { and }.
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(braces, open), _mm_cmpeq_epi8(braces, close)),
                     _mm_or_si128(_mm_cmpeq_epi8(block, quote), block));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(found));
    if (mask != 0) return at + std::countr_zero(mask) < end ? at + std::countr_zero(mask) : end;
  }
  return end;
#else
  while (at < end && static_cast<unsigned char>(*at) < 0x80 && *at != '"' && (*at | 0x20) != '{' &&
         (*at | 0x20) != '}') {
    ++at;
  }
  return at;
#endif
}

}  // namespace yoake
