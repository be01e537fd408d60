#include "studies/storage/python_value.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/error.h"

namespace yoake::studies {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPythonWords = {
    std::pair{"NaN", "\"nan\""}, std::pair{"-Infinity", "\"-inf\""}, std::pair{"Infinity", "\"inf\""}};

std::string WithoutPythonWords(const std::string& text) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\' && i + 1 < text.size()) {
      out += text[i++];  // Whatever follows is escaped, a quote too.
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string) {
      const auto found = std::find_if(kPythonWords.begin(), kPythonWords.end(), [&](const auto& entry) {
        return text.compare(i, entry.first.size(), entry.first) == 0;
      });
      if (found != kPythonWords.end()) {
        out += found->second;
        i += found->first.size() - 1;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

}  // namespace

nlohmann::json ParsePythonJson(const std::string& text) {
  auto value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) value = nlohmann::json::parse(WithoutPythonWords(text), nullptr, false);
  if (value.is_discarded()) throw Error(ErrorKind::kStorage, "not JSON: " + text.substr(0, 80));
  return value;
}

}  // namespace yoake::studies
