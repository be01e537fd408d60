#include "core/environment.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/error.h"

namespace yoake {

std::string ExpandEnvironment(const std::string& text, const std::string& where) {
  std::string expanded;
  std::size_t position = 0;
  while (true) {
    const std::size_t open = text.find("${", position);
    expanded += text.substr(position, open - position);
    if (open == std::string::npos) return expanded;
    const std::size_t close = text.find('}', open);
    if (close == std::string::npos || close == open + 2) {
      throw Error(ErrorKind::kConfig, "'${' without a name and '}' in \"" + text + "\"; write ${NAME}",
                  where);
    }
    const std::string name = text.substr(open + 2, close - open - 2);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
      throw Error(ErrorKind::kConfig,
                  fmt::format("the environment variable {0} is not set; set it (export {0}=/path/to/data) or "
                              "write the path itself in place of \"{1}\"",
                              name, text),
                  where);
    }
    expanded += value;
    position = close + 1;
  }
}

}  // namespace yoake
