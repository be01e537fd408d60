#include "core/json_reader.h"

#include <cmath>
#include <limits>

#include "core/atomic_file.h"
#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake {
namespace {

std::string TypeName(const nlohmann::json& value) {
  if (value.is_number()) return "the number " + value.dump();
  if (value.is_string()) return "the string " + value.dump();
  if (value.is_boolean()) return value.dump();
  if (value.is_null()) return "null";
  return value.is_array() ? "an array" : "an object";
}

// "line 3, column 7" of a byte offset.
std::string Position(std::string_view text, std::size_t offset) {
  int line = 1;
  int column = 1;
  for (std::size_t i = 0; i + 1 < offset && i < text.size(); ++i) {
    const bool newline = text[i] == '\n';
    line += newline ? 1 : 0;
    column = newline ? 1 : column + 1;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string ChildPath(const std::string& path, const std::string& key) { return path + "." + key; }

}  // namespace

nlohmann::json ParseJson(std::string_view text, const std::string& source) {
  std::vector<std::set<std::string>> open_objects;
  const auto reject_duplicates = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      throw Error(ErrorKind::kConfig, "the key " + parsed.dump() + " stands twice in one object", source);
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, reject_duplicates, /*allow_exceptions=*/true,
                                 /*ignore_comments=*/true);
  } catch (const nlohmann::json::parse_error& error) {
    std::string detail = error.what();
    if (const auto colon = detail.find("syntax error"); colon != std::string::npos)
      detail = detail.substr(colon);
    throw Error(ErrorKind::kConfig, "not valid JSON at " + Position(text, error.byte) + ": " + detail,
                source);
  }
}

nlohmann::json ParseJsonFile(const std::filesystem::path& path) {
  return ParseJson(ReadFile(path), path.string());
}

JsonReader::JsonReader(const nlohmann::json& value, std::string source, std::string path)
    : value_(&value),
      source_(std::move(source)),
      path_(std::move(path)),
      asked_(std::make_shared<std::set<std::string>>()) {}

void JsonReader::Fail(const std::string& message) const { throw Error(ErrorKind::kConfig, message, where()); }

bool JsonReader::AsBool() const {
  if (!value_->is_boolean()) Fail("expected true or false, got " + TypeName(*value_));
  return value_->get<bool>();
}

std::int64_t JsonReader::AsInt() const {
  if (value_->is_number_integer()) {
    if (value_->is_number_unsigned() &&
        value_->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      Fail("the integer is too large: " + value_->dump());
    }
    return value_->get<std::int64_t>();
  }
  if (value_->is_number_float()) {
    const double number = value_->get<double>();
    if (number == std::floor(number) && std::abs(number) <= 0x1p53) return static_cast<std::int64_t>(number);
  }
  Fail("expected an integer, got " + TypeName(*value_));
}

int JsonReader::AsInt32() const {
  const std::int64_t number = AsInt();
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
    Fail("the integer is out of range: " + value_->dump());
  }
  return static_cast<int>(number);
}

double JsonReader::AsDouble() const {
  if (!value_->is_number()) Fail("expected a number, got " + TypeName(*value_));
  const double number = value_->get<double>();
  if (!std::isfinite(number)) Fail("expected a finite number");
  return number;
}

std::string JsonReader::AsString() const {
  if (!value_->is_string()) Fail("expected a string, got " + TypeName(*value_));
  return value_->get<std::string>();
}

std::vector<JsonReader> JsonReader::AsArray() const {
  if (!value_->is_array()) Fail("expected an array, got " + TypeName(*value_));
  std::vector<JsonReader> elements;
  elements.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i) {
    elements.emplace_back((*value_)[i], source_, path_ + "[" + std::to_string(i) + "]");
  }
  return elements;
}

std::vector<std::pair<std::string, JsonReader>> JsonReader::AsMap() const {
  RequireObject();
  std::vector<std::pair<std::string, JsonReader>> members;
  for (const auto& [key, child] : value_->items()) {
    asked_->insert(key);
    members.emplace_back(key, JsonReader(child, source_, ChildPath(path_, key)));
  }
  return members;
}

void JsonReader::RequireObject() const {
  if (!value_->is_object()) Fail("expected an object, got " + TypeName(*value_));
}

bool JsonReader::Has(const std::string& key) const {
  RequireObject();
  asked_->insert(key);
  return value_->contains(key);
}

JsonReader JsonReader::At(const std::string& key) const {
  if (!Has(key)) {
    std::vector<std::string> unread;
    for (const auto& [present, unused] : value_->items()) {
      if (!asked_->contains(present) && EditDistance(key, present) <= 3) unread.push_back(present);
    }
    Fail("the key '" + key + "' is required" +
         (unread.empty() ? "" : "; is '" + unread.front() + "' meant to be it?"));
  }
  return JsonReader((*value_)[key], source_, ChildPath(path_, key));
}

std::optional<JsonReader> JsonReader::Find(const std::string& key) const {
  if (!Has(key) || (*value_)[key].is_null()) return std::nullopt;
  return At(key);
}

void JsonReader::Read(const std::string& key, bool* out) const {
  if (const auto child = Find(key)) *out = child->AsBool();
}
void JsonReader::Read(const std::string& key, int* out) const {
  if (const auto child = Find(key)) *out = child->AsInt32();
}
void JsonReader::Read(const std::string& key, std::int64_t* out) const {
  if (const auto child = Find(key)) *out = child->AsInt();
}
void JsonReader::Read(const std::string& key, std::uint64_t* out) const {
  const auto child = Find(key);
  if (!child) return;
  if (child->value().is_number_unsigned()) {
    *out = child->value().get<std::uint64_t>();
    return;
  }
  const std::int64_t number = child->AsInt();
  if (number < 0) child->Fail("expected a number of at least 0, got " + child->value().dump());
  *out = static_cast<std::uint64_t>(number);
}
void JsonReader::Read(const std::string& key, double* out) const {
  if (const auto child = Find(key)) *out = child->AsDouble();
}
void JsonReader::Read(const std::string& key, std::string* out) const {
  if (const auto child = Find(key)) *out = child->AsString();
}
void JsonReader::Read(const std::string& key, std::vector<double>* out) const {
  const auto child = Find(key);
  if (!child) return;
  out->clear();
  for (const JsonReader& element : child->AsArray()) out->push_back(element.AsDouble());
}
void JsonReader::Read(const std::string& key, std::vector<std::string>* out) const {
  const auto child = Find(key);
  if (!child) return;
  out->clear();
  for (const JsonReader& element : child->AsArray()) out->push_back(element.AsString());
}

void JsonReader::Finish() const {
  RequireObject();
  for (const auto& [key, child] : value_->items()) {
    if (asked_->contains(key)) continue;
    std::vector<std::string> candidates;
    for (const std::string& known : *asked_) {
      if (!value_->contains(known)) candidates.push_back(known);
    }
    Fail("unknown key '" + key + "'" + DidYouMean(key, candidates));
  }
}

}  // namespace yoake
