#include "search/samplers/unit_space.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "problems.h"
#include "search/samplers/random.h"

namespace yoake::search {
namespace {

const std::string kA = "a", kB = "b", kC = "c";

// 2 + 3 * 2 + 3 configurations and a parameter of one value.
SearchSpace Branches() {
  return SearchSpace({{"kind", CategoricalDistribution{{kA, kB, kC}}, {}},
                      {"only", CategoricalDistribution{{kA}}, {{"kind", {kB}}}},
                      {"of_a", IntDistribution{1, 2, false, 1}, {{"kind", {kA}}}},
                      {"of_only", FloatDistribution{0, 1, false, 0.5}, {{"only", {kA}}}},
                      {"of_b", CategoricalDistribution{{false, true}}, {{"kind", {kB}}}},
                      {"of_c", IntDistribution{1, 4, true, 1}, {{"kind", {kC}}}}});
}

TEST(UnitSpaceTest, PointsComeBackAsTheSameParameters) {
  const auto random = MakeRandomSampler();
  for (const SearchSpace& search_space : {FindProblem("mixdet").space, Branches()}) {
    const UnitSpace space(search_space);
    for (int i = 0; i < 200; ++i) {
      const ParamSet params = random->Suggest(search_space, {}, i, RandomStream(1)).params;
      const auto point = space.ToUnit(params);
      ASSERT_TRUE(point);
      const ParamSet back = space.FromUnit(*point);
      ASSERT_EQ(back.size(), params.size());
      for (const auto& [name, param] : params) {
        EXPECT_EQ(back.at(name).distribution, param.distribution);
        EXPECT_NEAR(back.at(name).internal, param.internal, 1e-12 * std::abs(param.internal)) << name;
      }
      UnitPoint settled = *point;
      space.Settle(&settled, settled);
      for (std::size_t d = 0; d < space.size(); ++d) {
        EXPECT_EQ(std::isnan(settled[d]), std::isnan((*point)[d]));
        if (!std::isnan(settled[d])) {
          EXPECT_NEAR(settled[d], (*point)[d], 1e-12);
        }
      }
    }
  }
}

TEST(UnitSpaceTest, AParameterOfASingleChoiceHandsItsConditionOn) {
  const UnitSpace space(Branches());
  RandomStream stream(1);
  for (int i = 0; i < 100; ++i) {
    const ParamSet params = space.FromUnit(space.Random(&stream));
    EXPECT_EQ(params.contains("of_only"), params.at("kind").internal == 1);
    EXPECT_EQ(params.contains("only"), params.at("kind").internal == 1);
  }
}

TEST(UnitSpaceTest, ParametersOfOtherBranchesStandStill) {
  const UnitSpace space(Branches());
  const UnitPoint absent = *space.ToUnit({{"kind", {Branches().entries()[0].distribution, 2}},
                                          {"of_c", {Branches().Find("of_c")->distribution, 3}}});
  EXPECT_TRUE(std::isnan(absent[1]) && std::isnan(absent[2]) && std::isnan(absent[3]));
  const UnitPoint features = space.Features(absent);
  EXPECT_EQ(features[1], 0.5);
  EXPECT_EQ(features[3], -1);
  UnitPoint moved = absent;
  moved[0] = 0;  // Branch a: of_a comes from the donor, of_c goes.
  space.Settle(&moved, {0, space.dimensions()[1].Value(1), 0, 0, 0});
  EXPECT_EQ(space.FromUnit(moved).at("of_a").internal, 2);
  EXPECT_TRUE(std::isnan(moved[4]));
}

TEST(UnitSpaceTest, TrialsOfAnotherSpaceHaveNoPoint) {
  const UnitSpace space(SearchSpace({{"x", FloatDistribution{0, 1, false, {}}, {}}}));
  EXPECT_FALSE(space.ToUnit({}));
  EXPECT_FALSE(space.ToUnit({{"x", {FloatDistribution{0, 9, false, {}}, 5}}}));
  EXPECT_FALSE(space.ToUnit({{"x", {IntDistribution{0, 1, false, 1}, 1}}}));
  EXPECT_TRUE(space.ToUnit({{"x", {FloatDistribution{0, 9, false, {}}, 0.5}}}));
}

TEST(TriedPointsTest, EveryPointOfAFiniteSpaceOnceThenNone) {
  const SearchSpace search_space = Branches();
  const UnitSpace space(search_space);
  TriedPoints tried(space);
  RandomStream stream(3);
  std::set<std::string> seen;
  for (int i = 0; i < 2 + 3 * 2 + 4; ++i) {
    const auto point = tried.FindUntried(&stream);
    ASSERT_TRUE(point) << i;
    EXPECT_TRUE(seen.insert(ExternalValues(space.FromUnit(*point)).dump()).second);
    tried.Insert(*point);
  }
  EXPECT_FALSE(tried.FindUntried(&stream));
}

}  // namespace
}  // namespace yoake::search
