#include "core/json_reader.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "tests/support/message_of.h"

namespace yoake {
namespace {

using testing::HasSubstr;

TEST(JsonReaderTest, AllowsCommentsAndNamesThePositionOfASlip) {
  EXPECT_EQ(ParseJson("{ // note\n \"a\": /* one */ 1 }", "x.json")["a"], 1);
  const std::string message = MessageOf([] { ParseJson("{\n  \"a\": 1,,\n}", "x.json"); });
  EXPECT_THAT(message, HasSubstr("x.json"));
  EXPECT_THAT(message, HasSubstr("line 2, column 10"));
}

TEST(JsonReaderTest, ADuplicateKeyIsAnError) {
  EXPECT_THAT(MessageOf([] { ParseJson(R"({"lr": 1, "b": {"lr": 2}, "lr": 3})", "x.json"); }),
              HasSubstr("\"lr\" stands twice"));
}

TEST(JsonReaderTest, EveryMessageNamesFileAndPath) {
  const auto json = ParseJson(R"({"space": {"lr": {"low": "small"}}, "list": [1, "x"]})", "s.json");
  const JsonReader reader(json, "s.json");
  EXPECT_THAT(MessageOf([&] { reader.At("space").At("lr").At("low").AsDouble(); }),
              HasSubstr("s.json: $.space.lr.low: expected a number, got the string \"small\""));
  EXPECT_THAT(MessageOf([&] { reader.At("list").AsArray()[1].AsInt(); }), HasSubstr("$.list[1]"));
  EXPECT_THAT(MessageOf([&] { reader.At("name"); }), HasSubstr("'name' is required"));
}

TEST(JsonReaderTest, UnreadKeysAreErrorsWithAHint) {
  const auto json = ParseJson(R"({"trials": 3, "samplr": "tpe"})", "s.json");
  const JsonReader reader(json, "s.json");
  int trials = 0;
  std::string sampler = "tpe";
  reader.Read("trials", &trials);
  reader.Read("sampler", &sampler);
  EXPECT_EQ(trials, 3);
  EXPECT_THAT(MessageOf([&] { reader.Finish(); }),
              HasSubstr("unknown key 'samplr'; did you mean 'sampler'?"));
}

TEST(JsonReaderTest, IntegersAreWholeAndInRange) {
  const auto json =
      ParseJson(R"({"a": 3.0, "b": 3.5, "c": 3000000000, "d": 9007199254740991, "e": -1})", "s");
  const JsonReader reader(json, "s");
  EXPECT_EQ(reader.At("a").AsInt(), 3);
  EXPECT_THROW(reader.At("b").AsInt(), Error);
  EXPECT_THROW(reader.At("c").AsInt32(), Error);
  EXPECT_EQ(reader.At("d").AsInt(), 9007199254740991);
  std::uint64_t seed = 0;
  EXPECT_THROW(reader.Read("e", &seed), Error);
}

TEST(JsonReaderTest, AbsentAndNullKeepTheDefault) {
  const auto json = ParseJson(R"({"a": null})", "s");
  const JsonReader reader(json, "s");
  double a = 7;
  std::optional<double> b;
  reader.Read("a", &a);
  reader.Read("b", &b);
  EXPECT_EQ(a, 7);
  EXPECT_FALSE(b.has_value());
  reader.Finish();
}

}  // namespace
}  // namespace yoake
