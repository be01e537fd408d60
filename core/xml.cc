#include "core/xml.h"

#include <vector>

#include "core/display_text.h"

namespace yoake {

std::string EscapeXml(std::string_view text) {
  std::vector<char32_t> escaped;
  const auto add = [&](std::string_view entity) {
    escaped.insert(escaped.end(), entity.begin(), entity.end());
  };
  for (const char32_t c : CodePoints(text)) {
    if (c == '&') {
      add("&amp;");
    } else if (c == '<') {
      add("&lt;");
    } else if (c == '>') {
      add("&gt;");
    } else if (c == '"') {
      add("&quot;");
    } else if ((c < 0x20 && c != '\t' && c != '\n') || c == 0xFFFE || c == 0xFFFF) {
      escaped.push_back(0xFFFD);
    } else {
      escaped.push_back(c);
    }
  }
  return ToUtf8(escaped);
}

}  // namespace yoake
