#include "search/space.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/trial_record.h"

namespace yoake::search {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

SearchSpace Parse(const std::string& text) {
  const json value = json::parse(text);
  return ParseSearchSpace(JsonReader(value, "study.json", "$.space"));
}

std::string MessageOf(const std::string& text) {
  try {
    Parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    return error.what();
  }
  return "no error";
}

TEST(SearchSpaceTest, ParentsComeBeforeTheirChildren) {
  const SearchSpace space = Parse(R"({
    "a.gamma": {"type":"float","low":0.5,"high":4,"when":{"b.kind":["focal"],"c.on":[true]}},
    "b.kind": {"type":"categorical","choices":["ce","focal"],"when":{"c.on":[true]}},
    "c.on": {"type":"categorical","choices":[true,false]},
    "d": {"type":"int","low":1,"high":3}})");
  std::vector<std::string> names;
  for (const SpaceEntry& entry : space.entries()) names.push_back(entry.name);
  EXPECT_THAT(names, ElementsAre("c.on", "b.kind", "a.gamma", "d"));
  EXPECT_TRUE(space.has_conditions());
  EXPECT_EQ(space.Find("d")->name, "d");
  EXPECT_EQ(space.Find("e"), nullptr);
}

TEST(SearchSpaceTest, AParameterExistsWhenAllItsConditionsHold) {
  const SearchSpace space = Parse(R"({
    "a": {"type":"categorical","choices":["x","y","z"]},
    "b": {"type":"categorical","choices":[1,2]},
    "c": {"type":"float","low":0,"high":1,"when":{"a":["x","z"],"b":[2]}}})");
  const SpaceEntry& c = *space.Find("c");
  const auto active = [&](double a, double b) {
    return SearchSpace::IsActive(
        c, {{"a", {space.Find("a")->distribution, a}}, {"b", {space.Find("b")->distribution, b}}});
  };
  EXPECT_TRUE(active(0, 1));
  EXPECT_TRUE(active(2, 1));
  EXPECT_FALSE(active(1, 1));
  EXPECT_FALSE(active(0, 0));
  EXPECT_FALSE(SearchSpace::IsActive(c, {}));
}

TEST(SearchSpaceTest, RejectsConditionsThatCannotBeMeant) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"a":{"type":"int","low":1,"high":2,"when":{"los":["x"]}},"loss":{"type":"categorical","choices":["x"]}})",
       "'a': 'when' names 'los', which is no parameter of the space; did you mean 'loss'?"},
      {R"({"a":{"type":"int","low":1,"high":2,"when":{"loss":["focl"]}},
           "loss":{"type":"categorical","choices":["focal","ce"]}})",
       R"(lists "focl", which is no choice of 'loss'; did you mean '"focal"'?)"},
      {R"({"a":{"type":"int","low":1,"high":2,"when":{"b":[1]}},"b":{"type":"int","low":1,"high":2}})",
       "'b', which is not categorical"},
      {R"({"a":{"type":"int","low":1,"high":2,"when":{"b":[]}},"b":{"type":"categorical","choices":[1]}})",
       "lists no choice of 'b'"},
      {R"({"a":{"type":"categorical","choices":[1],"when":{"b":[1]}},
           "b":{"type":"categorical","choices":[1],"when":{"a":[1]}}})",
       "in a circle"},
      {R"({"a":{"type":"categorical","choices":[1],"when":{"a":[1]}}})", "in a circle"},
      {R"({"a":{"type":"int","low":3,"high":2}})", "study.json: $.space.a: 'low' 3"},
      {R"({"a":{"type":"int","low":1,"high":2,"whn":{}}})", "unknown key 'whn'; did you mean 'when'?"},
      {R"({"a":{"type":"int","low":1,"high":2,"when":{"b":[[1]]}},"b":{"type":"categorical","choices":[1]}})",
       "$.space.a.when.b[0]: expected a choice"},
  };
  for (const auto& [text, expected] : cases) EXPECT_THAT(MessageOf(text), HasSubstr(expected)) << text;
}

TEST(SearchSpaceTest, ANameTwiceIsAnError) {
  EXPECT_THROW(SearchSpace({{"a", FloatDistribution{}, {}}, {"a", FloatDistribution{}, {}}}), Error);
  EXPECT_THROW(SearchSpace({{"a", FloatDistribution{2, 1, false, {}}, {}}}), Error);
}

TEST(TrialRecordTest, NamesAreOptunas) {
  for (const char* name : {"RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"}) {
    EXPECT_EQ(ToString(ParseTrialState(name)), name);
  }
  EXPECT_EQ(ToString(ParseDirection("maximize")), "maximize");
  EXPECT_EQ(ParseDirection("minimize"), Direction::kMinimize);
  EXPECT_THROW(ParseDirection("MINIMIZE"), Error);
  EXPECT_THROW(ParseTrialState("complete"), Error);
}

}  // namespace
}  // namespace yoake::search
