#include "core/json_scanner.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/rng.h"
#include "tests/support/json_walk.h"
#include "tests/support/message_of.h"

namespace yoake {
namespace {

using testing::HasSubstr;

// The number that `text` is, or nothing when the scanner does not take the whole of it for one.
std::optional<JsonNumber> Parse(const std::string& text) {
  const TextFile file = TextFile::Copy(text, "n");
  JsonNumber number;
  const char* const end = ParseJsonNumber(file.text().data(), &number);
  return end == file.text().data() + text.size() ? std::optional(number) : std::nullopt;
}

void ExpectAsStrtod(const std::string& text) {
  const auto number = Parse(text);
  ASSERT_TRUE(number) << text;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(number->value),
            std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)))
      << text;
}

TEST(JsonNumberTest, HardCasesAreAsStrtodSays) {
  for (const char* text : {"0",
                           "-0",
                           "0.0",
                           "-0.0",
                           "1",
                           "-1",
                           "0.1",
                           "123.456",
                           "-123.456",
                           "9007199254740991",
                           "9007199254740992",
                           "9007199254740993",
                           "9007199254740993.0",
                           "90071992547409.93",
                           "9223372036854775807",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "18446744073709551615",
                           "18446744073709551616",
                           "1e22",
                           "1e23",
                           "1E-22",
                           "1e-23",
                           "8.5e+3",
                           "2.2250738585072011e-308",
                           "2.2250738585072014e-308",
                           "4.9406564584124654e-324",
                           "2.4703282292062327e-324",
                           "2.4703282292062328e-324",
                           "1e-400",
                           "-1e-400",
                           "1e400",
                           "-1e400",
                           "0e999999999999999999999",
                           "0.000e-999999999999999999",
                           "1e-99999999999999999999999",
                           "1e99999999999999999999999999",
                           "1.7976931348623157e308",
                           "1.7976931348623158e308",
                           "1.7976931348623159e308",
                           "12345678",
                           "123456789",
                           "1234567.1234567",
                           "12345678.12345678",
                           "1.12345678",
                           "1.123456789",
                           "12345678.1",
                           "123456789.1",
                           "1234567.12345678",
                           "0.1234567",
                           "0.12345678",
                           "0.30000000000000004",
                           "0.8918879628181458",
                           "258.1502990722656",
                           "1.00000000000000011102230246251565404236316680908203125",
                           "1.00000000000000011102230246251565404236316680908203124",
                           "1.00000000000000011102230246251565404236316680908203126",
                           "7.2057594037927933e16"}) {
    ExpectAsStrtod(text);
  }
  ExpectAsStrtod("0." + std::string(400, '0') + "1");
  ExpectAsStrtod("0." + std::string(400, '0') + "1e401");
  ExpectAsStrtod(std::string(400, '9'));
  ExpectAsStrtod(std::string(400, '9') + "e-390");
  ExpectAsStrtod("1" + std::string(800, '0') + ".5e-800");
}

TEST(JsonNumberTest, RandomNumbersAreAsStrtodSays) {
  RandomStream random(5);
  char text[64];
  for (int i = 0; i < 50000; ++i) {  // Every double there is, written as Python would.
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    std::snprintf(text, sizeof text, "%.*g", static_cast<int>(random.Int(1, 19)), value);
    ExpectAsStrtod(text);
  }
  for (int i = 0; i < 200000; ++i) {  // Boxes and scores.
    std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random.Int(0, 17)),
                  std::ldexp(random.Uniform(-1, 1), static_cast<int>(random.Int(-4, 40))));
    ExpectAsStrtod(text);
  }
  for (int i = 0; i < 100000; ++i) {  // Digits, point and exponent where they fall.
    std::string digits = random.Chance(0.5) ? "-" : "";
    digits += static_cast<char>('1' + random.Below(9));
    for (auto n = random.Below(25); n > 0; --n) digits += static_cast<char>('0' + random.Below(10));
    if (random.Chance(0.7)) digits += '.';
    if (digits.back() == '.') {
      for (auto n = random.Below(25) + 1; n > 0; --n) digits += static_cast<char>('0' + random.Below(10));
    }
    if (random.Chance(0.3)) digits += (random.Chance(0.5) ? "e" : "E-") + std::to_string(random.Below(330));
    ExpectAsStrtod(digits);
  }
}

TEST(JsonNumberTest, IntegersOf64BitsAreExact) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-7}, std::int64_t{99999999}, std::int64_t{1234567890123456789},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    const auto number = Parse(std::to_string(value));
    EXPECT_TRUE(number->whole);
    EXPECT_EQ(number->integer, value);
  }
  for (const char* text : {"9223372036854775808", "1.0", "1e3", "123456789012345678901234567890"}) {
    EXPECT_FALSE(Parse(text)->whole) << text;
  }
}

TEST(JsonNumberTest, TakesPythonsWordsAndRefusesWhatIsNoNumber) {
  EXPECT_TRUE(std::isnan(Parse("NaN")->value));
  EXPECT_EQ(Parse("Infinity")->value, HUGE_VAL);
  EXPECT_EQ(Parse("-Infinity")->value, -HUGE_VAL);
  for (const char* text : {"",
                           "-",
                           "+1",
                           ".5",
                           "1.",
                           "1.e5",
                           "01",
                           "-01",
                           "00",
                           "1e",
                           "1e+",
                           "1e-",
                           "0x10",
                           "1.5.",
                           "--1",
                           "Na",
                           "-NaN",
                           "nan",
                           "Inf",
                           "-Inf",
                           "1_000",
                           "1,5",
                           "1 ",
                           " 1",
                           "12345678901234567.",
                           "123456789.e1"}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
}

std::string Complaint(const std::string& text) {
  return MessageOf([&] { WalkJson(text); });
}

TEST(JsonScannerTest, AgreesWithAnotherParserOnWhatIsJson) {
  RandomStream random(6);
  const std::string seeds[] = {
      R"({"a":[1,-2.5e3,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{"c":[],"d":{}},"":"é"})",
      R"([[1,2],[3,[4,[5]]],{"k":{"k":{"k":0.1}}}])",
      R"( [ 12345678901234567890 , "" , "\\\"\/" ] )",
  };
  const std::string alphabet = "{}[],:\"\\/0-.eE+ntfu \n\x01\x80\xc3\xff";
  int accepted = 0, refused = 0;
  for (int i = 0; i < 30000; ++i) {
    std::string text = seeds[random.Below(3)];
    for (auto edits = random.Below(4); edits > 0; --edits) {
      const auto at = random.Below(text.size());
      if (random.Chance(0.3))
        text.erase(at, 1 + random.Below(3));
      else
        text[at] = alphabet[random.Below(alphabet.size())];
    }
    const auto theirs = nlohmann::json::parse(text, nullptr, false);
    std::optional<nlohmann::json> ours;
    try {
      ours = WalkJson(text);
    } catch (const Error&) {
    }
    ASSERT_EQ(ours.has_value(), !theirs.is_discarded()) << text;
    if (ours) {
      ASSERT_EQ(*ours, theirs) << text;
    }
    ++(ours ? accepted : refused);
  }
  EXPECT_GT(accepted, 5000);
  EXPECT_GT(refused, 5000);
}

TEST(JsonScannerTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    const char* said;
  } table[] = {
      {"", "line 1, column 1 (in $): expected a value, got the end of the text"},
      {"{\"a\": [1, {\"b\": tru}]}", "line 1, column 17 (in $.a[1].b): expected a value, got tru"},
      {"[1,\n 2\n 3]", "line 3, column 2 (in $[1]): expected ',' or ']' after an element, got 3"},
      {"[1,]", "line 1, column 4 (in $[1]): expected an element after the comma, got ']'"},
      {"{\"a\":1,}", "expected a key in double quotes, got '}'"},
      {"{\"a\" 1}", "expected ':' after a key, got 1"},
      {"{'a': 1}", "expected a key in double quotes, got 'a'"},
      {"{\"a\":1 \"b\":2}", "expected ',' or '}' after a value, got the string \"b\""},
      {"[1", "expected ',' or ']' after an element, got the end of the text"},
      {"[\"abc", "column 2 (in $[0]): the text ends in this string"},
      {"[\"é\", \"a\x01\"]", "column 9 (in $[1]): a control character stands in a string: \\x01"},
      {"[\"\\q\"]", "no such escape in a string: \\q"},
      {"[\"\\ud800\"]", "no such escape in a string"},
      {"[\"\\u12g4\"]", "no such escape in a string"},
      {"[\"\xff\"]", "the string is not UTF-8 here: \\xff"},
      {"[\"\xc0\xaf\"]", "the string is not UTF-8 here: \\xc0"},
      {"[01]", "expected a number, got 01"},
      {"[1] x", "expected nothing more after the value, got x"},
      {std::string("[1]\0", 4), "expected nothing more after the value, got \\x00"},
      {"\xef\xbb\xbf[]", "byte order mark"},
      {"\xff\xfe[\0]", "UTF-16"},
      {"\x1f\x8b\x08", "gzip-compressed data; unpack it first"},
      {std::string(513, '['),
       "column 513 (in $[0][0][0][0][0][0][0][0]...[0][0][0][0][0][0][0][0]): more than "
       "512 brackets"},
  };
  for (const auto& row : table) {
    EXPECT_THAT(Complaint(row.text), HasSubstr(row.said)) << row.text.substr(0, 100);
    EXPECT_THAT(Complaint(row.text), HasSubstr("text.json: not valid JSON at line"));
  }
  EXPECT_EQ(Complaint(std::string(512, '[') + std::string(512, ']')), "no error");
}

// Skips the first element of an array and says where the second begins.
std::string Skipped(const std::string& element) {
  const std::string text = "[" + element + " ,77]";
  const TextFile file = TextFile::Copy(text, "skip");
  try {
    JsonScanner scanner(file);
    scanner.BeginArray();
    scanner.NextElement();
    scanner.Skip();
    scanner.NextElement();
    return scanner.ReadNumber().integer == 77 ? "skipped" : "stands elsewhere";
  } catch (const JsonFault& fault) {
    return fault.what();
  }
}

TEST(JsonScannerTest, SkipsWholeValues) {
  for (const char* element :
       {"1", "-1.5e3", "NaN", "null", "true", "\"a\\\"]\"", "[]", "{}", "[[1.5,2,3]]", "[\"]\", \"}\\\\\"]",
        R"({"size":[480,640],"counts":"a]b}[{\"c"})", R"([{"a":[{"b":[]}]},[["é"]]])",
        "[1111111111111111111111111111111111111111111111111111111111111111,2]"}) {
    EXPECT_EQ(Skipped(element), "skipped") << element;
  }
  EXPECT_EQ(Skipped("[1,,x]"), "skipped") << "as the header says";
  EXPECT_THAT(Skipped("[1}"), HasSubstr("expected ']'"));
  EXPECT_THAT(Skipped("{\"a\":1]"), HasSubstr("expected '}'"));
  EXPECT_THAT(Skipped("[[1"), HasSubstr("this array is not closed"));
  EXPECT_THAT(Skipped("[\"\xff\"]"), HasSubstr("not UTF-8"));
  EXPECT_THAT(Skipped("[\xff]"), HasSubstr("expected a value, got \\xff"));
  EXPECT_THAT(Skipped(std::string(512, '[') + std::string(512, ']')), HasSubstr("more than 512 brackets"));
  EXPECT_EQ(Skipped(std::string(511, '[') + std::string(511, ']')), "skipped");
  EXPECT_THAT(Skipped("nul"), HasSubstr("expected a value, got nul"));
}

TEST(JsonFaultTest, PathsFollowKeysAndIndices) {
  const std::string text = R"({"a":{"x":1,"y":[10,{"z":2}]},"b":[[],[3]]})";
  const auto path = [&](const char* what) { return JsonPath(text, text.find(what)); };
  EXPECT_EQ(path("{"), "$");
  EXPECT_EQ(path("1,"), "$.a.x");
  EXPECT_EQ(path("10"), "$.a.y[0]");
  EXPECT_EQ(path("2}"), "$.a.y[1].z");
  EXPECT_EQ(path("[[]"), "$.b");
  EXPECT_EQ(path("3]"), "$.b[1][0]");
  EXPECT_EQ(JsonPath(R"({"a\"b,[":[1)", 11), "$.a\\\"b,[[0]");
}

}  // namespace
}  // namespace yoake
