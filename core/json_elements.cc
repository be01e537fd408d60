#include "core/json_elements.h"

namespace yoake {
namespace {

// The last byte before `at` that is not white space; 0 when there is none.
std::size_t LastBefore(std::string_view text, std::size_t at) {
  const std::size_t found = text.substr(0, at).find_last_not_of(" \t\r\n");
  return found == std::string_view::npos ? 0 : found;
}

}  // namespace

std::size_t GuessElement(std::string_view text, std::size_t begin, std::size_t end) {
  text = text.substr(0, end);
  for (std::size_t at = text.find('{', begin); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::size_t comma = LastBefore(text, at);
    if (text[comma] == ',' && text[LastBefore(text, comma)] == '}') return at;
  }
  return std::string_view::npos;
}

}  // namespace yoake
