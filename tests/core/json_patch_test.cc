#include "core/json_patch.h"

#include <gmock/gmock.h>

#include "core/error.h"

namespace yoake {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(JsonPatchTest, SetsByDottedPathAndNamesTheStepThatIsMissing) {
  json config = {{"optimizer", {{"lr", 0.01}}}};
  SetPath(&config, "optimizer.lr", 0.02);
  SetPath(&config, "optimizer.momentum", 0.9);
  EXPECT_EQ(config, (json{{"optimizer", {{"lr", 0.02}, {"momentum", 0.9}}}}));
  try {
    SetPath(&config, "optimiser.lr", 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'optimizer'?"));
  }
  EXPECT_THROW(SetPath(&config, "optimizer.lr.low", 1), Error) << "a number has no keys";
}

TEST(JsonPatchTest, MergesObjectsAndReplacesTheRest) {
  json config = {{"a", {{"x", 1}, {"y", 2}}}, {"list", {1, 2}}};
  MergePatch(&config, {{"a", {{"x", 3}}}, {"list", {9}}, {"a.z", 4}});
  EXPECT_EQ(config, (json{{"a", {{"x", 3}, {"y", 2}, {"z", 4}}}, {"list", {9}}}));
}

TEST(JsonPatchTest, AnotherTypeReplacesTheWholeObject) {
  json config = {{"cls", {{"type", "FocalLoss"}, {"gamma", 2.0}}}};
  MergePatch(&config, {{"cls", {{"type", "CrossEntropyLoss"}}}});
  EXPECT_EQ(config["cls"], (json{{"type", "CrossEntropyLoss"}}));
  MergePatch(&config, {{"cls", {{"type", "CrossEntropyLoss"}, {"loss_weight", 2.0}}}});
  EXPECT_EQ(config["cls"].size(), 2u);
}

TEST(JsonPatchTest, OverridesAreJsonOrText) {
  EXPECT_EQ(ParseOverride("trials=3").second, 3);
  EXPECT_EQ(ParseOverride("a.b=true").first, "a.b");
  EXPECT_EQ(ParseOverride("name=night run").second, "night run");
  EXPECT_EQ(ParseOverride("list=[1,2]").second, (json{1, 2}));
  EXPECT_EQ(ParseOverride("expr=a=b").second, "a=b");
  EXPECT_THROW(ParseOverride("trials"), Error);
}

TEST(JsonPatchTest, FlattenGivesLeavesWithTheirPaths) {
  const auto leaves = Flatten({{"a", {{"b", 1}, {"c", {1, 2}}}}, {"d", nullptr}});
  ASSERT_EQ(leaves.size(), 3u);
  EXPECT_EQ(leaves[0].first, "a.b");
  EXPECT_EQ(leaves[1].second, (json{1, 2}));
  EXPECT_EQ(leaves[2].first, "d");
}

}  // namespace
}  // namespace yoake
