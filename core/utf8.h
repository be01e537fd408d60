#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace yoake {

// Reads the code point at the front of `text` and returns how many bytes it takes; 0 when it is malformed:
// torn, overlong, a surrogate or beyond Unicode. `text` must not be empty.
std::size_t DecodeUtf8(std::string_view text, char32_t* code);

void AppendUtf8(char32_t code, std::string* text);

// Where the first malformed byte stands; npos when there is none.
std::size_t FindInvalidUtf8(std::string_view text);

}  // namespace yoake
