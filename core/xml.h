#pragma once

#include <string>
#include <string_view>

namespace yoake {

// `text` for the inside of an XML or HTML element or attribute. Characters that XML 1.0 forbids (controls)
// and broken UTF-8 become U+FFFD, so that any name gives a well-formed file.
std::string EscapeXml(std::string_view text);

}  // namespace yoake
