#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yoake {

// The code points of a UTF-8 text; every byte that does not belong to a valid sequence becomes U+FFFD.
std::vector<char32_t> CodePoints(std::string_view text);

std::string ToUtf8(const std::vector<char32_t>& code_points);

// At most `limit` code points: a longer text loses its end, or its beginning when `keep_tail`, to one "…".
// The result is valid UTF-8 whatever went in. limit >= 1.
std::string Shortened(std::string_view text, int limit, bool keep_tail = false);

// Terminal cells a UTF-8 text takes: 2 for East Asian wide characters and emoji, 0 for combining marks, else
// 1. A byte that is not UTF-8 counts 1.
int DisplayWidth(std::string_view text);

}  // namespace yoake
