#include "search/unit_interval.h"

#include <gmock/gmock.h>

#include <cmath>

namespace yoake::search {
namespace {

const Distribution kKinds[] = {
    FloatDistribution{-2, 3, false, {}},
    FloatDistribution{1e-8, 1e3, true, {}},
    FloatDistribution{0, 1, false, 0.3},
    IntDistribution{-1, 1, false, 1},
    IntDistribution{8, 30, false, 8},
    IntDistribution{1, 10, true, 1},
    CategoricalDistribution{{true, 2.5, std::monostate{}}},
    FloatDistribution{2, 2, false, {}},
    IntDistribution{3, 5, false, 4},
    CategoricalDistribution{{true}},
};

TEST(UnitIntervalTest, ValuesAreInTheDistributionAndComeBack) {
  for (const Distribution& kind : kKinds) {
    for (int i = 0; i <= 100; ++i) {
      const double u = i / 100.0;
      const double value = FromUnit(kind, u);
      ASSERT_TRUE(Contains(kind, value)) << value;
      const double place = ToUnit(kind, value);
      EXPECT_GE(place, 0);
      EXPECT_LE(place, 1);
      EXPECT_NEAR(FromUnit(kind, place), value, 1e-12 * std::abs(value)) << u;
    }
  }
}

TEST(UnitIntervalTest, EveryValueOfAGridOwnsAnEqualShare) {
  const Distribution grid = FloatDistribution{0, 1, false, 0.25};
  EXPECT_EQ(FromUnit(grid, 0.199), 0);
  EXPECT_EQ(FromUnit(grid, 0.201), 0.25);
  EXPECT_EQ(FromUnit(grid, 1), 1);
  EXPECT_EQ(FromUnit(CategoricalDistribution{{true, false}}, 1), 1);
  EXPECT_EQ(FromUnit(IntDistribution{1, 8, true, 1}, std::log(3.0) / std::log(17.0) - 1e-9), 1);
  EXPECT_EQ(FromUnit(IntDistribution{1, 8, true, 1}, std::log(3.0) / std::log(17.0) + 1e-9), 2);
  EXPECT_NEAR(FromUnit(FloatDistribution{1e-4, 1, true, {}}, 0.5), 1e-2, 1e-15);
}

TEST(UnitIntervalTest, OutsideIsCut) {
  for (const Distribution& kind : kKinds) {
    EXPECT_EQ(FromUnit(kind, -3), FromUnit(kind, 0));
    EXPECT_EQ(FromUnit(kind, 7), FromUnit(kind, 1));
    EXPECT_EQ(FromUnit(kind, NAN), FromUnit(kind, 0));
  }
}

}  // namespace
}  // namespace yoake::search
