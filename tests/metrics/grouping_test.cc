#include "metrics/matching/grouping.h"

#include <gmock/gmock.h>

namespace yoake::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class IdIndexTest : public testing::TestWithParam<std::int64_t> {};

// Near ids are looked up in a table, far ones by search: the answers are the same.
TEST_P(IdIndexTest, GivesPositionsInAscendingOrder) {
  const std::int64_t step = GetParam();
  const IdIndex index({5 * step, -1 * step, 0, 5 * step});
  ASSERT_EQ(index.size(), 3u);
  EXPECT_EQ(index.Find(-step), 0u);
  EXPECT_EQ(index.Find(0), 1u);
  EXPECT_EQ(index.Find(5 * step), 2u);
  EXPECT_EQ(index.id(2), 5 * step);
  for (const std::int64_t unknown : {-2 * step, -step - 1, step + 1, 5 * step + 1, 6 * step}) {
    EXPECT_EQ(index.Find(unknown), kNoPosition) << unknown;
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, IdIndexTest, testing::Values(2, 1000, std::int64_t{1} << 53));

TEST(IdIndexTest, EmptyKnowsNothing) { EXPECT_EQ(IdIndex({}).Find(0), kNoPosition); }

TEST(CellGroupsTest, SortsByCategoryThenImageThenFileOrder) {
  const CellGroups groups({{1, 1}, {0, 1}, {1, 0}, {1, 1}, {kNoPosition, 0}, {0, kNoPosition}, {1, 0}}, 3, 2);
  EXPECT_THAT(groups.Category(0), ElementsAre(1));
  EXPECT_THAT(groups.Category(1), ElementsAre(2, 6, 0, 3));
  EXPECT_THAT(groups.Category(2), IsEmpty());
}

}  // namespace
}  // namespace yoake::metrics
