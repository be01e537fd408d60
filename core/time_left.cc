#include "core/time_left.h"

#include <fmt/format.h>

#include <cmath>

namespace yoake {

std::string FormatTimeLeft(double seconds) {
  const long long whole = std::llround(std::fmax(seconds, 0));
  if (whole >= 3600) return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

}  // namespace yoake
