#include "studies/duration.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::studies {
namespace {

constexpr char kForms[] = "write a duration as \"8h\", \"30m\", \"90s\" or \"1h30m\", greater than 0";

double SecondsOf(char unit) {
  switch (unit) {
    case 'd':
      return 86400;
    case 'h':
      return 3600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return 0;
  }
}

[[noreturn]] void RefuseDuration(std::string_view text) {
  throw Error(ErrorKind::kConfig, fmt::format("'{}' is not a duration; {}", text, kForms));
}

}  // namespace

double ParseDuration(std::string_view text) {
  const char* at = text.data();
  const char* end = at + text.size();
  double total = 0;
  while (at != end) {
    double amount = 0;
    const auto [rest, code] = std::from_chars(at, end, amount, std::chars_format::fixed);
    const double unit = rest == end ? 0 : SecondsOf(*rest);
    if (code != std::errc() || unit == 0 || !(amount >= 0)) RefuseDuration(text);
    total += amount * unit;
    at = rest + 1;
  }
  if (!(total > 0) || !std::isfinite(total)) RefuseDuration(text);
  return total;
}

double ParseDuration(const JsonReader& reader) {
  if (reader.value().is_number()) {
    const double seconds = reader.AsDouble();
    if (!(seconds > 0)) reader.Fail(fmt::format("{} is not a duration; {}", reader.value().dump(), kForms));
    return seconds;
  }
  try {
    return ParseDuration(reader.AsString());
  } catch (const Error& error) {
    if (!error.where().empty()) throw;
    reader.Fail(error.message());
  }
}

std::string FormatDuration(double seconds) {
  std::string text;
  for (const char unit : {'h', 'm'}) {
    const double amount = std::floor(seconds / SecondsOf(unit));
    if (amount > 0) text += fmt::format("{:.0f}{}", amount, unit);
    seconds -= amount * SecondsOf(unit);
  }
  if (seconds > 0 || text.empty()) text += fmt::format("{}s", seconds);
  return text;
}

}  // namespace yoake::studies
