#include "studies/storage/timestamp.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "core/error.h"

namespace yoake::studies {

Clock ClockOf(const std::string& library_version) {
  return std::atoi(library_version.c_str()) >= 5 ? Clock::kUtc : Clock::kLocal;
}

std::string FormatTimestamp(double seconds, Clock clock) {
  const auto microseconds = std::llround(seconds * 1e6);
  const std::time_t whole = static_cast<std::time_t>(std::floor(static_cast<double>(microseconds) / 1e6));
  std::tm time{};
  if (clock == Clock::kUtc) {
    gmtime_r(&whole, &time);
  } else {
    localtime_r(&whole, &time);
  }
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", time.tm_year + 1900, time.tm_mon + 1,
                     time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec, microseconds - whole * 1000000LL);
}

double ParseTimestamp(const std::string& text, Clock clock) {
  std::tm time{};
  int length = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d %2d:%2d:%2d%n", &time.tm_year, &time.tm_mon, &time.tm_mday,
                  &time.tm_hour, &time.tm_min, &time.tm_sec, &length) != 6) {
    throw Error(ErrorKind::kStorage, "'" + text + "' is not a time of the form YYYY-MM-DD hh:mm:ss.ffffff");
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  time.tm_isdst = -1;
  const std::time_t whole = clock == Clock::kUtc ? timegm(&time) : std::mktime(&time);
  const std::string fraction = text.substr(static_cast<std::size_t>(length));
  if (fraction.empty()) return static_cast<double>(whole);
  char* end = nullptr;
  const double part = fraction.front() == '.' ? std::strtod(fraction.c_str(), &end) : 0;
  if (end == nullptr || *end != '\0') {
    throw Error(ErrorKind::kStorage, "'" + text + "' is not a time: unexpected '" + fraction + "'");
  }
  return static_cast<double>(whole) + part;
}

double NowSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) / 1e6;
}

}  // namespace yoake::studies
