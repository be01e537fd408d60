#include "core/json_scanner.h"

#include <bitset>
#include <optional>

#include "core/utf8.h"

namespace yoake {
namespace {

// Files that are taken for JSON by mistake, by their first bytes.
constexpr struct {
  std::string_view magic;
  const char* message;
} kForeign[] = {
    {"\x1f\x8b", "this is gzip-compressed data; unpack it first (gunzip)"},
    {"PK\x03\x04", "this is a zip archive; unpack it first (unzip)"},
    {"\x28\xb5\x2f\xfd", "this is zstd-compressed data; unpack it first (unzstd)"},
    {"\xef\xbb\xbf", "the text begins with a byte order mark; save it as UTF-8 without one"},
    {"\xff\xfe", "the text is UTF-16; save it as UTF-8"},
    {"\xfe\xff", "the text is UTF-16; save it as UTF-8"},
};

// The 16 bits of "\uXXXX" behind the u.
std::optional<char32_t> HexDigits(const char* at) {
  char32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    code = code * 16 + static_cast<char32_t>(digit);
  }
  return code;
}

// Resolves the escape at `at` (a backslash) into `text` and returns its end; null when it is malformed.
const char* ResolveEscape(const char* at, std::string* text) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  if (const auto letter = kLetters.find(at[1]); at[1] != 'u') {
    if (letter == std::string_view::npos) return nullptr;
    *text += kMeanings[letter];
    return at + 2;
  }
  auto code = HexDigits(at + 2);
  if (!code) return nullptr;
  at += 6;
  if (*code >= 0xDC00 && *code <= 0xDFFF) return nullptr;
  if (*code >= 0xD800 && *code <= 0xDBFF) {  // The first half of a pair.
    const auto low = at[0] == '\\' && at[1] == 'u' ? HexDigits(at + 2) : std::nullopt;
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return nullptr;
    code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    at += 6;
  }
  AppendUtf8(*code, text);
  return at;
}

}  // namespace

JsonScanner::JsonScanner(const TextFile& file) : text_(file.text()), at_(text_.data()) {
  for (const auto& [magic, message] : kForeign) {
    if (text_.starts_with(magic)) FailSyntax(at_, message);
  }
  SkipSpace();
}

JsonScanner JsonScanner::AtElement(std::size_t offset) const {
  JsonScanner scanner = *this;
  scanner.at_ = text_.data() + offset;
  scanner.fresh_ = true;
  return scanner;
}

JsonScanner::Type JsonScanner::Peek() const {
  switch (*at_) {
    case 'n':
      return Type::kNull;
    case 't':
    case 'f':
      return Type::kBool;
    case '"':
      return Type::kString;
    case '[':
      return Type::kArray;
    case '{':
      return Type::kObject;
    default:
      if (*at_ == '-' || (*at_ >= '0' && *at_ <= '9') || *at_ == 'N' || *at_ == 'I') return Type::kNumber;
      FailExpected("a value");
  }
}

bool JsonScanner::ReadBool() {
  const bool value = *at_ == 't';
  ReadWord(value ? "true" : "false");
  return value;
}

void JsonScanner::ReadWord(std::string_view word) {
  if (!text_.substr(offset()).starts_with(word)) FailExpected("a value");
  at_ += word.size();
}

// A string with escapes or other characters than ASCII, or a malformed one.
std::string_view JsonScanner::ReadStringWithMore() {
  buffer_.clear();
  const char* from = at_ + 1;
  for (;;) {
    const char* const found = FindNotPlain(from);
    buffer_.append(from, found);
    from = found;
    if (*found == '"') break;
    if (found == end()) FailSyntax(at_, "the text ends in this string");
    if (*found == '\\') {
      from = ResolveEscape(found, &buffer_);
      if (from == nullptr) FailSyntax(found, "no such escape in a string: " + Printable({found, 6}));
    } else {
      char32_t code = 0;
      const std::size_t size =
          DecodeUtf8(text_.substr(static_cast<std::size_t>(found - text_.data())), &code);
      if (size == 0) FailSyntax(found, "the string is not UTF-8 here: " + Printable({found, 1}));
      if (code < 0x20) FailSyntax(found, "a control character stands in a string: " + Printable({found, 1}));
      buffer_.append(found, size);
      from = found + size;
    }
  }
  at_ = from + 1;
  return buffer_;
}

void JsonScanner::Skip() {
  switch (Peek()) {
    case Type::kNull:
      return ReadNull();
    case Type::kBool:
      ReadBool();
      return;
    case Type::kNumber:
      ReadNumber();
      return;
    case Type::kString:
      ReadString();
      return;
    case Type::kArray:
    case Type::kObject:
      return SkipContainer();
  }
}

void JsonScanner::SkipContainer() {
  std::bitset<kMaxDepth> is_object;  // Of each bracket that is open below depth_.
  const char* const begin = at_;
  int open = 0;
  do {
    at_ = FindBracketOrQuote(at_, end());
    if (at_ == end())
      FailSyntax(begin, *begin == '{' ? "this object is not closed" : "this array is not closed");
    const char c = *at_;
    if (c == '"') {
      ReadString();
      continue;
    }
    if (c == '[' || c == '{') {
      if (depth_ + open >= kMaxDepth) FailSyntax(at_, "more than 512 brackets are open here");
      is_object[static_cast<std::size_t>(open++)] = c == '{';
    } else if (c == ']' || c == '}') {
      if (is_object[static_cast<std::size_t>(--open)] != (c == '}')) FailExpected(c == '}' ? "']'" : "'}'");
    } else {
      FailExpected("a value");
    }
    ++at_;
  } while (open > 0);
}

void JsonScanner::Finish() {
  SkipSpace();
  if (!AtEnd()) FailExpected("nothing more after the value");
}

// What stands there: "the string \"12\"", "3.50", "an object", "'}'".
std::string JsonScanner::Describe(std::size_t offset) const {
  const std::string_view rest = text_.substr(offset);
  if (rest.empty()) return "the end of the text";
  if (rest[0] == '{') return "an object";
  if (rest[0] == '[') return "an array";
  if (rest[0] == '"') {
    std::size_t close = rest.find_first_of("\"\n", 1);
    while (close < rest.size() && rest[close - 1] == '\\') close = rest.find_first_of("\"\n", close + 1);
    return "the string " + Printable(rest.substr(0, close < rest.size() ? close + 1 : close));
  }
  const std::string_view token = rest.substr(0, rest.find_first_of(" \t\r\n,:]}[{\""));
  return token.empty() ? "'" + Printable(rest.substr(0, 1)) + "'" : Printable(token);
}

void JsonScanner::FailExpected(const char* what) const {
  FailSyntax(at_, std::string("expected ") + what + ", got " + Describe(offset()));
}

void JsonScanner::FailSyntax(const char* at, const std::string& message) const {
  throw JsonFault(JsonFault::Kind::kSyntax, static_cast<std::size_t>(at - text_.data()), message);
}

void JsonScanner::FailValue(std::size_t offset, const char* what) const {
  throw JsonFault(JsonFault::Kind::kValue, offset,
                  std::string("expected ") + what + ", got " + Describe(offset));
}

}  // namespace yoake
