#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "core/atomic_file.h"

namespace yoake {

// The "| `key` | type | `default` | meaning |" lines of one section of configs/README.md, up to the next
// heading or paragraph with a bold title.
inline std::map<std::string, nlohmann::json> DocumentedDefaults(const std::string& heading) {
  const std::string page = ReadFile(std::string(YOAKE_SOURCE_DIR) + "/configs/README.md");
  const std::size_t begin = page.find(heading);
  EXPECT_NE(begin, std::string::npos);
  const std::size_t end = std::min(page.find("\n#", begin + 1), page.find("\n**", begin + 1));
  const std::string section = page.substr(begin, end - begin);
  static const std::regex line(R"(\n\| `([^`]+)` \| [^|]* \| `([^`]*)` \|)");
  std::map<std::string, nlohmann::json> defaults;
  for (std::sregex_iterator it(section.begin(), section.end(), line), last; it != last; ++it) {
    defaults[(*it)[1]] = nlohmann::json::parse((*it)[2].str());
  }
  return defaults;
}

}  // namespace yoake
