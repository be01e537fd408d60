#pragma once

#include <string>

namespace yoake {

// For people: "3h 12m", "4m 05s", "12 s".
std::string FormatTimeLeft(double seconds);

}  // namespace yoake
