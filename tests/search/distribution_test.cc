#include "search/distribution.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/python_json.h"
#include "tests/support/message_of.h"

namespace yoake::search {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Distribution Parse(const std::string& text) {
  const json value = json::parse(text);
  const JsonReader reader(value, "space.json");
  Distribution distribution = ParseDistribution(reader);
  reader.Finish();
  return distribution;
}

TEST(DistributionTest, AcceptsWhatTheFormatPromises) {
  EXPECT_EQ(Parse(R"({"type":"float","low":1e-4,"high":0.1,"log":true})"),
            Distribution(FloatDistribution{1e-4, 0.1, true, {}}));
  EXPECT_EQ(Parse(R"({"type":"float","low":0,"high":1,"step":0.25})"),
            Distribution(FloatDistribution{0, 1, false, 0.25}));
  EXPECT_EQ(Parse(R"({"type":"float","low":2,"high":2,"step":null})"),
            Distribution(FloatDistribution{2, 2, false, {}}));
  EXPECT_EQ(Parse(R"({"type":"int","low":4,"high":32,"step":4})"),
            Distribution(IntDistribution{4, 32, false, 4}));
  EXPECT_EQ(Parse(R"({"type":"int","low":1,"high":64,"log":true})"),
            Distribution(IntDistribution{1, 64, true, 1}));
  EXPECT_EQ(Parse(R"({"type":"categorical","choices":[null,true,1,1.5,"a"]})"),
            Distribution(
                CategoricalDistribution{{std::monostate{}, true, std::int64_t{1}, 1.5, std::string("a")}}));
}

TEST(DistributionTest, AHighOffTheGridBecomesTheGridsLastValue) {
  EXPECT_EQ(Parse(R"({"type":"int","low":8,"high":66,"step":8})"),
            Distribution(IntDistribution{8, 64, false, 8}));
  EXPECT_EQ(Parse(R"({"type":"float","low":0,"high":1,"step":0.3})"),
            Distribution(FloatDistribution{0, 0.9, false, 0.3}));
  EXPECT_EQ(Parse(R"({"type":"float","low":0.1,"high":1.0,"step":0.1})"),
            Distribution(FloatDistribution{0.1, 1.0, false, 0.1}));
}

TEST(DistributionTest, RejectsTheRestAndSaysWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"type":"flaot","low":0,"high":1})", "$.type: unknown type 'flaot'; did you mean 'float'?"},
      {R"({"low":0,"high":1})", "'type' is required"},
      {R"({"type":"float","low":0})", "'high' is required"},
      {R"({"type":"float","low":2,"high":1})", "'low' 2 must not be above 'high' 1"},
      {R"({"type":"float","low":0,"high":1,"log":true})", "'low' must be above 0"},
      {R"({"type":"float","low":1,"high":2,"log":true,"step":0.1})", "exclude each other"},
      {R"({"type":"float","low":1,"high":2,"step":0})", "'step' must be above 0"},
      {R"({"type":"float","low":"a","high":2})", "$.low: expected a number"},
      {R"({"type":"float","low":1,"high":2,"setp":1})", "did you mean 'step'?"},
      {R"({"type":"int","low":0.5,"high":2})", "$.low: expected an integer"},
      {R"({"type":"int","low":0,"high":9,"log":true})", "at least 1"},
      {R"({"type":"int","low":1,"high":9,"log":true,"step":2})", "'step' must be 1"},
      {R"({"type":"int","low":1,"high":9,"step":0})", "'step' must be at least 1"},
      {R"({"type":"int","low":1,"high":9007199254740993})", "2^53"},
      {R"({"type":"categorical","choices":[]})", "at least one"},
      {R"({"type":"categorical","choices":["a","b","a"]})", "\"a\" stands twice"},
      {R"({"type":"categorical","choices":[[1]]})", "$.choices[0]: a choice must be"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_THAT(MessageOf([&] { Parse(text); }), HasSubstr(expected)) << text;
  }
}

// Lines printed by optuna.distributions.distribution_to_json of Optuna 3.1.0.
TEST(DistributionTest, WritesAndReadsOptunasTextByteForByte) {
  const std::pair<Distribution, const char*> cases[] = {
      {FloatDistribution{1e-5, 0.1, true, {}},
       R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}})"},
      {FloatDistribution{0, 0.5, false, 0.1},
       R"({"name": "FloatDistribution", "attributes": {"step": 0.1, "low": 0.0, "high": 0.5, "log": false}})"},
      {FloatDistribution{-1e22, 1e16, false, {}},
       R"({"name": "FloatDistribution", "attributes": {"step": null, "low": -1e+22, "high": 1e+16, "log": false}})"},
      {FloatDistribution{1e-300, 123456789012345.6, false, {}},
       R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-300, "high": 123456789012345.6, "log": false}})"},
      {FloatDistribution{0.0001, 1e15, false, {}},
       R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1000000000000000.0, "log": false}})"},
      {FloatDistribution{-0.0, 0.3, false, 0.05},
       R"({"name": "FloatDistribution", "attributes": {"step": 0.05, "low": -0.0, "high": 0.3, "log": false}})"},
      {IntDistribution{1, 64, true, 1},
       R"({"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 1, "high": 64}})"},
      {IntDistribution{8, 64, false, 8},
       R"({"name": "IntDistribution", "attributes": {"log": false, "step": 8, "low": 8, "high": 64}})"},
      {IntDistribution{-3, -3, false, 1},
       R"({"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": -3, "high": -3}})"},
      {CategoricalDistribution{
           {std::string("sgd"), std::string("adam"), std::monostate{}, true, std::int64_t{3}}},
       R"({"name": "CategoricalDistribution", "attributes": {"choices": ["sgd", "adam", null, true, 3]}})"},
      {CategoricalDistribution{
           {false, 1e-5, 2.0, std::int64_t{-7},
            std::string("na\u00efve \"q\" \\ / \t\n\x01\x7f \u591c\u660e\u3051 \U0001F600")}},
       R"({"name": "CategoricalDistribution", "attributes": {"choices": [false, 1e-05, 2.0, -7, "na\u00efve \"q\" \\ / \t\n\u0001\u007f \u591c\u660e\u3051 \ud83d\ude00"]}})"},
  };
  for (const auto& [distribution, text] : cases) {
    EXPECT_EQ(ToOptunaJson(distribution), text);
    EXPECT_EQ(FromOptunaJson(text), distribution) << text;
  }
}

TEST(DistributionTest, ReadsTheNamesOptunaWroteBeforeVersion3) {
  const std::pair<const char*, Distribution> cases[] = {
      {R"({"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}})",
       FloatDistribution{0, 1, false, {}}},
      {R"({"name": "LogUniformDistribution", "attributes": {"low": 0.1, "high": 1.0}})",
       FloatDistribution{0.1, 1, true, {}}},
      {R"({"name": "DiscreteUniformDistribution", "attributes": {"low": 0.0, "high": 1.0, "q": 0.5}})",
       FloatDistribution{0, 1, false, 0.5}},
      {R"({"name": "IntUniformDistribution", "attributes": {"low": 0, "high": 8, "step": 2}})",
       IntDistribution{0, 8, false, 2}},
      {R"({"name": "IntLogUniformDistribution", "attributes": {"low": 1, "high": 8, "step": 1}})",
       IntDistribution{1, 8, true, 1}},
  };
  for (const auto& [text, distribution] : cases) EXPECT_EQ(FromOptunaJson(text), distribution) << text;
}

TEST(DistributionTest, RejectsDamagedOptunaText) {
  for (const char* text :
       {"", "{", "[]", R"({"name": "FloatDistribution"})", R"({"name": "Foo", "attributes": {}})",
        R"({"name": "FloatDistribution", "attributes": {"low": 2.0, "high": 1.0}})",
        R"({"name": "IntDistribution", "attributes": {"low": "a", "high": 1}})",
        R"({"name": "CategoricalDistribution", "attributes": {"choices": [[1]]}})"}) {
    try {
      FromOptunaJson(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kStorage) << text;
    }
  }
}

TEST(DistributionTest, ExternalValuesGoThereAndBack) {
  const Distribution real = FloatDistribution{0, 1, false, 0.1};
  const Distribution integer = IntDistribution{4, 32, false, 4};
  const Distribution choice = CategoricalDistribution{{std::string("a"), std::monostate{}, 2.0, true}};
  EXPECT_EQ(ExternalValue({real, 0.3}), json(0.3));
  EXPECT_EQ(ExternalValue({integer, 8}).dump(), "8");
  EXPECT_EQ(ExternalValue({choice, 1}), json(nullptr));
  EXPECT_EQ(FromExternal(real, 0.1 + 0.2).internal, 0.1 + 0.2);
  EXPECT_EQ(FromExternal(integer, 8.0).internal, 8);
  EXPECT_EQ(FromExternal(choice, 2).internal, 2);
  EXPECT_EQ(FromExternal(choice, true).internal, 3);
  EXPECT_EQ(ExternalValues({{"b", {integer, 4}}, {"a", {choice, 0}}}).dump(), R"({"a":"a","b":4})");
}

TEST(DistributionTest, ValuesOutsideAreErrorsThatSayWhatWouldBeRight) {
  const Distribution integer = IntDistribution{4, 32, false, 4};
  const Distribution choice = CategoricalDistribution{{std::string("a"), std::string("b")}};
  EXPECT_THAT(MessageOf([&] { FromExternal(integer, 5); }),
              HasSubstr("the value 5 must be an integer from 4 to 32 in steps of 4"));
  EXPECT_THAT(MessageOf([&] { FromExternal(integer, "a"); }), HasSubstr("must be an integer"));
  EXPECT_THAT(MessageOf([&] { FromExternal(choice, "c"); }),
              HasSubstr("the value \"c\" must be one of \"a\", \"b\""));
  EXPECT_THAT(MessageOf([&] { FromExternal(choice, json::array()); }), HasSubstr("must be one of"));
  EXPECT_THAT(MessageOf([&] { ExternalValue({choice, 2}); }), HasSubstr("must be one of"));
  EXPECT_THAT(MessageOf([&] {
                ExternalValue({FloatDistribution{}, std::nan("")});
              }),
              HasSubstr("a number from 0 to 1"));
}

TEST(DistributionTest, SingleMeansOnePossibleValue) {
  EXPECT_TRUE(IsSingle(FloatDistribution{2, 2, false, {}}));
  EXPECT_TRUE(IsSingle(FloatDistribution{0, 0.5, false, 0.6}));
  EXPECT_TRUE(IsSingle(IntDistribution{1, 4, false, 4}));
  EXPECT_TRUE(IsSingle(CategoricalDistribution{{true}}));
  EXPECT_FALSE(IsSingle(IntDistribution{1, 5, false, 4}));
  EXPECT_FALSE(IsSingle(FloatDistribution{0, 1, false, 1.0}));
  EXPECT_FALSE(IsSingle(CategoricalDistribution{{true, false}}));
}

TEST(PythonJsonTest, FloatsAreThoseOfRepr) {
  const std::pair<double, const char*> cases[] = {
      {0, "0.0"},
      {-0.0, "-0.0"},
      {1, "1.0"},
      {0.1, "0.1"},
      {1e-4, "0.0001"},
      {1e-5, "1e-05"},
      {1.5e-7, "1.5e-07"},
      {123.456, "123.456"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {1.25e100, "1.25e+100"},
      {5e-324, "5e-324"},
      {1.0 / 3, "0.3333333333333333"},
      {0.1 + 0.2, "0.30000000000000004"},
      {INFINITY, "Infinity"},
      {-INFINITY, "-Infinity"},
      {NAN, "NaN"},
      {9007199254740993.0, "9007199254740992.0"},
      {-12.5, "-12.5"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(PythonFloat(value), text);
}

TEST(PythonJsonTest, ContainersAreThoseOfJsonDumps) {
  EXPECT_EQ(PythonJson(json::parse(R"({"b":[1,2.0,null,{}],"a":{"x":"\u00e9"},"c":[]})")),
            R"({"a": {"x": "\u00e9"}, "b": [1, 2.0, null, {}], "c": []})");
}

}  // namespace
}  // namespace yoake::search
