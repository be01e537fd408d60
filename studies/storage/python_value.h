#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace yoake::studies {

// An attribute's text as Python's json.dumps writes it; the other way is search::PythonJson. Python's bare
// NaN, Infinity and -Infinity, which JSON does not have, become the strings "nan", "inf" and "-inf".
// Throws Error{kStorage} for a text that is neither.
nlohmann::json ParsePythonJson(const std::string& text);

}  // namespace yoake::studies
