// Any bytes: our scanner takes exactly what another parser takes, with the same values, and skips what it
// reads.

#include <bit>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/fuzz/fuzz.h"
#include "tests/support/json_walk.h"

namespace {

using nlohmann::json;

// Deeper than the scanner allows, which the other parser does not mind.
bool IsDeep(const std::string& text) {
  std::size_t open = 0;
  for (const char c : text) open += c == '[' || c == '{' ? 1 : 0;
  return open > yoake::JsonScanner::kMaxDepth;
}

bool SameBits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// The number at the front of the text, if one stands there alone, is strtod's.
void CheckNumber(const std::string& text) {
  if (text.empty() || text.size() > 400 || text.find_first_not_of("0123456789+-.eE") != std::string::npos)
    return;
  const yoake::TextFile file = yoake::TextFile::Copy(text, "number");
  yoake::JsonNumber number;
  const char* const end = yoake::ParseJsonNumber(file.text().data(), &number);
  if (end == nullptr) return;
  const std::string token(file.text().data(), end);
  yoake::Require(SameBits(number.value, std::strtod(token.c_str(), nullptr)), "strtod reads another number");
  if (number.whole)
    yoake::Require(std::to_string(number.integer) == token || token == "-0", "another integer");
}

bool Skips(const std::string& text) {
  const yoake::TextFile file = yoake::TextFile::Copy(text, "skip");
  try {
    yoake::JsonScanner scanner(file);
    scanner.Skip();
    scanner.Finish();
    return true;
  } catch (const yoake::JsonFault& fault) {
    yoake::Located(fault, file.text(), file.name());
    return false;
  }
}

}  // namespace

void yoake::FuzzOne(const std::string& text) {
  CheckNumber(text);
  const json theirs = text.starts_with("\xef\xbb\xbf") || IsDeep(text) ? json(json::value_t::discarded)
                                                                       : json::parse(text, nullptr, false);
  json ours(json::value_t::discarded);
  try {
    ours = WalkJson(text);
  } catch (const Error&) {
  }
  if (text.find('\0') != std::string::npos) {  // Ends the text for the other parser.
    Require(ours.is_discarded(), "a zero byte was taken");
    return;
  }
  if (IsDeep(text)) return;
  Require(ours.is_discarded() == theirs.is_discarded(), "another parser decides differently");
  if (ours.is_discarded()) return;
  Require(ours == theirs, "another parser reads other values");
  Require(Skips(text), "what is read is not skipped");
}
