#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "core/json_scanner.h"

namespace yoake {

// The value to come, read in full. Numbers that are not finite are refused, as other parsers do.
inline nlohmann::json WalkValue(JsonScanner& scanner) {
  using Type = JsonScanner::Type;
  nlohmann::json value;
  switch (scanner.Peek()) {
    case Type::kNull:
      scanner.ReadNull();
      break;
    case Type::kBool:
      value = scanner.ReadBool();
      break;
    case Type::kNumber: {
      const std::size_t begin = scanner.offset();
      const JsonNumber number = scanner.ReadNumber();
      if (!std::isfinite(number.value)) scanner.FailValue(begin, "a finite number");
      value = number.whole ? nlohmann::json(number.integer) : nlohmann::json(number.value);
      break;
    }
    case Type::kString:
      value = std::string(scanner.ReadString());
      break;
    case Type::kArray:
      value = nlohmann::json::array();
      scanner.BeginArray();
      while (scanner.NextElement()) value.push_back(WalkValue(scanner));
      break;
    case Type::kObject:
      value = nlohmann::json::object();
      scanner.BeginObject();
      for (std::string_view key; scanner.NextKey(&key);) {
        std::string name(key);  // The view ends with the next call.
        value[std::move(name)] = WalkValue(scanner);
      }
      break;
  }
  return value;
}

// The whole text. Throws Error with the place of what is wrong.
inline nlohmann::json WalkJson(std::string_view text) {
  const TextFile file = TextFile::Copy(text, "text.json");
  try {
    JsonScanner scanner(file);
    nlohmann::json value = WalkValue(scanner);
    scanner.Finish();
    return value;
  } catch (const JsonFault& fault) {
    throw Located(fault, file.text(), file.name());
  }
}

}  // namespace yoake
