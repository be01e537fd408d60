#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yoake {

// Parses JSON that a person may have written: // and /* */ comments are allowed, duplicate keys are errors.
// `source` (a file name) is named in every message. Throws Error{kConfig} with line and column.
nlohmann::json ParseJson(std::string_view text, const std::string& source);
nlohmann::json ParseJsonFile(const std::filesystem::path& path);

// A strict view of one JSON value. Reads are typed; every failure names file and JSON path ("study.json:
// $.space.optimizer.lr.low: ..."). An object remembers the keys that were asked for: Finish() makes every
// other key an error with a did-you-mean, so a misspelt option never passes silently.
//
//   JsonReader reader(json, "study.json");
//   reader.Read("trials", &config.trials);             // optional: keeps the default when absent
//   config.name = reader.At("name").AsString();        // required
//   reader.Finish();                                   // unread keys are errors
//
// Borrows the JSON value, which must outlive the reader. Copies share the record of keys asked for.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& value, std::string source, std::string path = "$");
  JsonReader(nlohmann::json&&, std::string, std::string = "$") = delete;  // Would dangle.

  const nlohmann::json& value() const { return *value_; }
  const std::string& source() const { return source_; }
  const std::string& path() const { return path_; }
  std::string where() const { return source_ + ": " + path_; }

  bool AsBool() const;
  std::int64_t AsInt() const;  // 3 and 3.0 are integers, 3.5 is not.
  int AsInt32() const;
  double AsDouble() const;  // Finite.
  std::string AsString() const;
  std::vector<JsonReader> AsArray() const;
  // An object with free keys (names, not options), in file order of a sorted map. Marks all of them as read.
  std::vector<std::pair<std::string, JsonReader>> AsMap() const;

  bool Has(const std::string& key) const;                        // Present, even if null.
  JsonReader At(const std::string& key) const;                   // Required key.
  std::optional<JsonReader> Find(const std::string& key) const;  // Absent or null: nullopt.

  // Optional keys: *out keeps its value when the key is absent or null.
  void Read(const std::string& key, bool* out) const;
  void Read(const std::string& key, int* out) const;
  void Read(const std::string& key, std::int64_t* out) const;
  void Read(const std::string& key, std::uint64_t* out) const;
  void Read(const std::string& key, double* out) const;
  void Read(const std::string& key, std::string* out) const;
  void Read(const std::string& key, std::vector<double>* out) const;
  void Read(const std::string& key, std::vector<std::string>* out) const;
  template <typename T>
  void Read(const std::string& key, std::optional<T>* out) const {
    if (!Find(key)) return;
    T value{};
    Read(key, &value);
    *out = std::move(value);
  }

  // Throws when the object holds a key that nobody asked for.
  void Finish() const;

  // Throws Error{kConfig, message} at this value.
  [[noreturn]] void Fail(const std::string& message) const;

 private:
  void RequireObject() const;

  const nlohmann::json* value_;
  std::string source_;
  std::string path_;
  std::shared_ptr<std::set<std::string>> asked_;
};

}  // namespace yoake
