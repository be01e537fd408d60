#pragma once

#include <string>

namespace yoake {

// `text` with each ${NAME} replaced by the environment's value; a value is not expanded again. Throws
// Error{kConfig} at `where` (file and JSON path) for a variable that is unset or empty and for a "${" without
// a name and '}'.
std::string ExpandEnvironment(const std::string& text, const std::string& where);

}  // namespace yoake
