#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/byte_scan.h"
#include "core/json_fault.h"
#include "core/json_number.h"
#include "core/text_file.h"

namespace yoake {

// Reads a JSON text (RFC 8259) from front to back, value by value, for large data files: nothing is built,
// and what nobody wants is skipped at several bytes a cycle. (Configuration goes through core/json_reader.h.)
//
//   JsonScanner scanner(file);
//   scanner.BeginArray();
//   while (scanner.NextElement()) {
//     scanner.BeginObject();
//     for (std::string_view key; scanner.NextKey(&key);) {
//       if (key == "score") score = scanner.ReadNumber().value; else scanner.Skip();
//     }
//   }
//   scanner.Finish();
//
// Every value is read or skipped exactly once. What is read is checked in full; numbers are exact
// (core/json_number.h); strings are valid UTF-8. Of a skipped array or object the brackets are checked (that
// they pair, how deep they go) and the strings, but not what stands between: [1,,x] passes when it is
// skipped. A key that stands twice is handed out twice.
//
// Throws JsonFault. Borrows the file. Not thread-safe; several scanners may read one file.
class JsonScanner {
 public:
  enum class Type { kNull, kBool, kNumber, kString, kArray, kObject };

  static constexpr int kMaxDepth = 512;  // Open brackets; deeper texts are attacks or accidents.

  // Refuses what is no JSON from the first byte on, saying what it is: gzip, a byte order mark, nothing.
  explicit JsonScanner(const TextFile& file);

  // A scanner of the same file that stands before an element of the array in which this one stands.
  JsonScanner AtElement(std::size_t offset) const;

  // The byte where this one stands. After NextElement and NextKey: the value's first.
  std::size_t offset() const { return static_cast<std::size_t>(at_ - text_.data()); }
  bool AtEnd() const { return at_ == text_.data() + text_.size(); }

  Type Peek() const;  // Of the value to come.

  void BeginArray() { Open('[', "an array"); }
  bool NextElement();  // False: the array has ended.
  void BeginObject() { Open('{', "an object"); }
  bool NextKey(std::string_view* key);  // False: the object has ended. The key holds until the next call.

  bool NextIs(char first) const { return *at_ == first; }

  JsonNumber ReadNumber();
  bool TryNumber(JsonNumber* number);  // False, and nothing is read, when none stands there.
  // A whole array of finite numbers in one go: returns how many there are and keeps the first `limit`. Throws
  // a value fault at an element that is no finite number.
  std::size_t ReadNumbers(double* numbers, std::size_t limit);
  bool ReadBool();
  void ReadNull() { ReadWord("null"); }
  std::string_view ReadString();  // Escapes resolved; holds until the next call.
  void Skip();

  void Finish();  // Throws unless only white space is left.

  // The value at `offset` is not what the reader needs: "expected <what>, got the string \"12\"".
  [[noreturn, gnu::cold]] void FailValue(std::size_t offset, const char* what) const;

 private:
  static bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  void SkipSpace() {
    while (IsSpace(*at_)) ++at_;
  }
  void Open(char bracket, const char* what);
  void ReadWord(std::string_view word);
  std::string_view ReadStringWithMore();
  void SkipContainer();
  std::string Describe(std::size_t offset) const;
  [[noreturn, gnu::cold]] void FailExpected(const char* what) const;
  [[noreturn, gnu::cold]] void FailSyntax(const char* at, const std::string& message) const;
  const char* end() const { return text_.data() + text_.size(); }

  std::string_view text_;
  const char* at_;
  int depth_ = 0;
  bool fresh_ = true;   // A bracket was just opened: no comma comes first.
  std::string buffer_;  // A string with escapes, resolved.
};

// key == "name", at the price of comparing one or two words.
template <std::size_t size>
bool IsKey(std::string_view key, const char (&name)[size]) {
  return key.size() == size - 1 && std::memcmp(key.data(), name, size - 1) == 0;
}

// The steps of every element are here, to be inlined into the readers' loops.

inline void JsonScanner::Open(char bracket, const char* what) {
  if (*at_ != bracket) [[unlikely]]
    FailExpected(what);
  if (depth_ == kMaxDepth) [[unlikely]]
    FailSyntax(at_, "more than 512 brackets are open here");
  ++depth_;
  ++at_;
  fresh_ = true;
}

inline bool JsonScanner::NextElement() {
  SkipSpace();
  if (fresh_) {
    fresh_ = false;
    if (*at_ != ']') return true;
  } else if (*at_ == ',') [[likely]] {
    ++at_;
    SkipSpace();
    if (*at_ == ']') [[unlikely]]
      FailExpected("an element after the comma");
    return true;
  }
  if (*at_ != ']') [[unlikely]]
    FailExpected("',' or ']' after an element");
  ++at_;
  --depth_;
  return false;
}

inline bool JsonScanner::NextKey(std::string_view* key) {
  SkipSpace();
  if (!fresh_ && *at_ == ',') [[likely]] {
    ++at_;
    SkipSpace();
  } else if (*at_ == '}') {
    fresh_ = false;
    ++at_;
    --depth_;
    return false;
  } else if (!fresh_) [[unlikely]] {
    FailExpected("',' or '}' after a value");
  }
  fresh_ = false;
  if (*at_ != '"') [[unlikely]]
    FailExpected("a key in double quotes");
  *key = ReadString();
  SkipSpace();
  if (*at_ != ':') [[unlikely]]
    FailExpected("':' after a key");
  ++at_;
  SkipSpace();
  return true;
}

inline bool JsonScanner::TryNumber(JsonNumber* number) {
  const char* const after = ParseJsonNumber(at_, number);
  if (after == nullptr) return false;
  at_ = after;
  return true;
}

inline JsonNumber JsonScanner::ReadNumber() {
  JsonNumber number;
  if (!TryNumber(&number)) [[unlikely]]
    FailExpected("a number");
  return number;
}

inline std::size_t JsonScanner::ReadNumbers(double* numbers, std::size_t limit) {
  BeginArray();
  SkipSpace();
  const char* at = at_;  // In a register.
  std::size_t count = 0;
  while (*at != ']' || count > 0) {
    JsonNumber number;
    const char* const after = ParseJsonNumber(at, &number);
    if (after == nullptr || !std::isfinite(number.value)) [[unlikely]] {
      FailValue(static_cast<std::size_t>(at - text_.data()), "a finite number");
    }
    if (count < limit) numbers[count] = number.value;
    ++count;
    for (at = after; IsSpace(*at);) ++at;
    if (*at != ',') break;
    for (++at; IsSpace(*at);) ++at;
  }
  at_ = at;
  if (*at_ != ']') [[unlikely]]
    FailExpected("',' or ']' after a number");
  fresh_ = false;
  ++at_;
  --depth_;
  return count;
}

inline std::string_view JsonScanner::ReadString() {
  if (*at_ != '"') [[unlikely]]
    FailExpected("a string");
  const char* const begin = at_ + 1;
  const char* const found = FindNotPlain(begin);
  if (*found != '"') [[unlikely]]
    return ReadStringWithMore();
  at_ = found + 1;
  return {begin, found};
}

}  // namespace yoake
