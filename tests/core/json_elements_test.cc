#include "core/json_elements.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/rng.h"
#include "tests/support/json_walk.h"
#include "tests/support/message_of.h"

namespace yoake {
namespace {

struct Texts {
  std::vector<std::string> elements;

  void Read(JsonScanner& scanner) { elements.push_back(WalkValue(scanner).dump()); }
  void Append(Texts&& next) { elements.insert(elements.end(), next.elements.begin(), next.elements.end()); }
  void Expect(double factor) { EXPECT_GE(factor, 1); }
};

// The elements of the list under "list", or the message, and that what stands behind is reached.
std::string Read(const std::string& text, int threads, std::size_t chunk_bytes) {
  const TextFile file = TextFile::Copy(text, "list.json");
  try {
    Texts texts;
    JsonScanner scanner(file);
    scanner.BeginObject();
    for (std::string_view key; scanner.NextKey(&key);) {
      if (key != "list") {
        scanner.Skip();
        continue;
      }
      scanner.BeginArray();
      ElementReader<Texts>::Read(file, {threads, chunk_bytes}, &scanner, &texts);
    }
    scanner.Finish();
    std::string all;
    for (const std::string& element : texts.elements) all += element + "\n";
    return all;
  } catch (const JsonFault& fault) {
    return Located(fault, file.text(), file.name()).what();
  }
}

void ExpectTheSameWithAnyThreads(const std::string& text) {
  const std::string expected = Read(text, 1, 1 << 20);
  for (const int threads : {1, 2, 3, 8}) {
    for (const std::size_t chunk_bytes : {1u, 7u, 16u, 50u, 400u}) {
      ASSERT_EQ(Read(text, threads, chunk_bytes), expected)
          << threads << " threads, chunks of " << chunk_bytes << "\n"
          << text;
    }
  }
}

const std::string kTricky[] = {
    R"({})",
    R"({"a":1})",
    R"({ "s":"},{" })",
    R"({"s":"x} , {\"a\":1},{"})",
    R"({"l":[{"a":1},{"a":2},{"a":3}]})",
    R"({"l":[[{}],{},{"d":{"e":[{},{}]}}],"z":"}]},{"})",
    R"({"s":"\\"})",
    R"({"s":"\\\"},{\\"})",
    R"({"long":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})",
    "7",
    "\"},{\"",
    "[{},{}]",
    "null"};

TEST(ElementReaderTest, ReadsTheSameWithAnyThreads) {
  RandomStream random(3);
  for (const char* rest : {"", R"(,"more":[{"a":1},{"a":2},{"b":"},{"}])"}) {
    for (int round = 0; round < 40; ++round) {
      std::string text = R"({"before":[{},{"x":1}],"list":[)";
      const auto count = random.Below(30);
      for (std::size_t i = 0; i < count; ++i) {
        text += (i > 0 ? random.Chance(0.5) ? "," : " ,\n " : "") + kTricky[random.Below(std::size(kTricky))];
      }
      text += "]" + std::string(rest) + "}";
      ExpectTheSameWithAnyThreads(text);
    }
  }
}

TEST(ElementReaderTest, FailsTheSameWithAnyThreads) {
  RandomStream random(4);
  int failed = 0;
  for (int round = 0; round < 150; ++round) {
    std::string text = R"({"list":[)";
    for (int i = 0; i < 12; ++i) text += (i > 0 ? "," : "") + kTricky[random.Below(std::size(kTricky))];
    text += R"(],"more":[{},{}]})";
    const auto at = random.Below(text.size());
    if (random.Chance(0.3))
      text.resize(at);
    else
      text[at] = "{}[],:\"\\x\xff"[random.Below(10)];
    failed += Read(text, 1, 100).starts_with("list.json: ") ? 1 : 0;
    ExpectTheSameWithAnyThreads(text);
  }
  EXPECT_GT(failed, 50);
}

TEST(GuessElementTest, FindsABraceBehindBraceAndComma) {
  const std::string text = "[{\"a\":1} ,\n {\"b\":{}}, {},[{}]";
  EXPECT_EQ(GuessElement(text, 0, text.size()), text.find("{\"b"));
  EXPECT_EQ(GuessElement(text, 13, text.size()), text.find("{},[", 20));
  EXPECT_EQ(GuessElement(text, 24, text.size()), std::string::npos);
  EXPECT_EQ(GuessElement(text, 0, 5), std::string::npos);
  EXPECT_EQ(GuessElement("{", 0, 1), std::string::npos);
}

}  // namespace
}  // namespace yoake
