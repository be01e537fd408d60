#include "search/python_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

namespace yoake::search {

std::string PythonFloat(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  std::string sign;
  if (text.front() == '-') {
    sign = "-";
    text.remove_prefix(1);
  }
  // "d.ddde+xx" -> digits and the position of the point behind them.
  const auto e = text.find('e');
  const int exponent = std::stoi(std::string(text.substr(e + 1)));
  std::string digits(1, text.front());
  if (e > 2) digits += text.substr(2, e - 2);
  const auto n = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {  // repr() keeps at least two digits of the exponent, as "%e" does.
    return fmt::format("{}{}{}{}{}", sign, digits[0], n > 1 ? "." : "", digits.substr(1), text.substr(e));
  }
  if (exponent < 0) return fmt::format("{}0.{:0>{}}", sign, digits, n - exponent - 1);
  if (n <= exponent + 1) return fmt::format("{}{:0<{}}.0", sign, digits, exponent + 1);
  const auto point = static_cast<std::size_t>(exponent) + 1;
  return fmt::format("{}{}.{}", sign, digits.substr(0, point), digits.substr(point));
}

std::string PythonJson(const nlohmann::json& value) {
  if (value.is_number_float()) return PythonFloat(value.get<double>());
  if (!value.is_structured()) return value.dump(-1, ' ', /*ensure_ascii=*/true);
  std::string text;
  for (const auto& item : value.items()) {
    if (!text.empty()) text += ", ";
    if (value.is_object()) text += PythonJson(item.key()) + ": ";
    text += PythonJson(item.value());
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

}  // namespace yoake::search
