#include "studies/storage/timestamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <string_view>

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
  static const std::string_view form = "dddd-dd-dd dd:dd:dd";
  const bool fits = text.size() >= form.size() &&
                    std::equal(form.begin(), form.end(), text.begin(), [](char wanted, char c) {
                      return wanted == 'd' ? c >= '0' && c <= '9' : c == wanted;
                    });
  if (!fits) {
    throw Error(ErrorKind::kStorage, "'" + text + "' is not a time of the form YYYY-MM-DD hh:mm:ss.ffffff");
  }
  const auto number = [&](std::size_t begin, std::size_t length) {
    int value = 0;
    for (std::size_t i = begin; i < begin + length; ++i) value = 10 * value + (text[i] - '0');
    return value;
  };
  std::tm time{};
  time.tm_year = number(0, 4) - 1900;
  time.tm_mon = number(5, 2) - 1;
  time.tm_mday = number(8, 2);
  time.tm_hour = number(11, 2);
  time.tm_min = number(14, 2);
  time.tm_sec = number(17, 2);
  time.tm_isdst = -1;
  const auto whole = static_cast<double>(clock == Clock::kUtc ? timegm(&time) : std::mktime(&time));
  if (text.size() == form.size()) return whole;
  const char* const fraction = text.c_str() + form.size();
  char* end = nullptr;
  const double part = *fraction == '.' ? std::strtod(fraction, &end) : 0;
  if (end == nullptr || *end != '\0') {
    throw Error(ErrorKind::kStorage, "'" + text + "' is not a time: unexpected '" + fraction + "'");
  }
  return whole + part;
}

double NowSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) / 1e6;
}

}  // namespace yoake::studies
