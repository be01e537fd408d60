#pragma once

#include <string>
#include <string_view>

namespace yoake {
class JsonReader;
}

namespace yoake::studies {

// "8h", "30m", "90s", "2d", "1h30m", "0.5s" -> seconds, greater than 0. Throws Error{kConfig} for anything
// else.
double ParseDuration(std::string_view text);

// The same from JSON: such a string, or a number of seconds.
double ParseDuration(const JsonReader& reader);

// Exact and short, read back by ParseDuration: "8h", "1h30m", "90s" as "1m30s", "0.25s".
std::string FormatDuration(double seconds);

}  // namespace yoake::studies
