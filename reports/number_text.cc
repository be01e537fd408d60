#include "reports/number_text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace yoake::reports {
namespace {

std::string Special(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

}  // namespace

std::string MetricText(std::optional<double> value) {
  if (!value) return "nan";
  if (!std::isfinite(*value)) return Special(*value);
  std::string text = fmt::format("{:.3f}", *value);
  return text == "-0.000" ? "0.000" : text;
}

std::string DeltaText(std::optional<double> value) {
  const std::string text = MetricText(value);
  return text == "nan" || text.front() == '-' ? text : "+" + text;
}

std::string EstimateText(std::optional<double> estimate, std::optional<double> standard_error) {
  return MetricText(estimate) + (standard_error ? " ± " + MetricText(standard_error) : "");
}

std::string ExactText(std::optional<double> value) {
  if (!value) return "nan";
  return std::isfinite(*value) ? fmt::format("{}", *value) : Special(*value);
}

std::string ParamText(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) {
    const double number = value.get<double>();
    return std::isfinite(number) ? fmt::format("{:.4g}", number) : Special(number);
  }
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string DurationText(std::optional<double> seconds) {
  if (!seconds || !std::isfinite(*seconds)) return "unknown";
  if (*seconds < 9.95) return fmt::format("{:.1f} s", *seconds);
  const auto total = static_cast<std::int64_t>(std::llround(*seconds));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {} s", total / 60, total % 60);
  return fmt::format("{} h {} min", total / 3600, total % 3600 / 60);
}

std::string CountText(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace yoake::reports
