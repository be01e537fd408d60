#include "metrics/matching/score_order.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "core/rng.h"

namespace yoake::metrics {
namespace {

TEST(ScoreOrderTest, EqualsAStableSortByFallingScore) {
  for (const std::size_t size : {0, 1, 2, 199, 200, 5000}) {
    for (const bool coarse : {false, true}) {
      RandomStream random = RandomStream(1).Split(size);
      std::vector<double> scores;
      std::vector<ScoredItem> items, scratch;
      std::vector<std::uint32_t> expected;
      for (std::uint32_t i = 0; i < size; ++i) {
        scores.push_back(coarse ? static_cast<double>(random.Int(-3, 3)) / 2 : random.Uniform(-1, 1));
        if (scores.back() == 0 && random.Chance(0.5)) scores.back() = -0.0;
        items.push_back({FallingKey(scores.back()), i});
        expected.push_back(i);
      }
      std::stable_sort(expected.begin(), expected.end(),
                       [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
      SortByKey(&items, &scratch);
      std::vector<std::uint32_t> order;
      for (const ScoredItem& item : items) order.push_back(item.item);
      EXPECT_EQ(order, expected) << size << (coarse ? " coarse" : "");
    }
  }
}

TEST(ScoreOrderTest, KeysAscendOverTheWholeRange) {
  const double most = std::numeric_limits<double>::max(), least = std::numeric_limits<double>::denorm_min();
  const std::vector<double> falling = {most, 1, 0.5, least, 0, -least, -0.5, -1, -most};
  for (std::size_t i = 1; i < falling.size(); ++i) {
    EXPECT_LT(FallingKey(falling[i - 1]), FallingKey(falling[i])) << falling[i];
  }
  EXPECT_EQ(FallingKey(-0.0), FallingKey(0.0));
}

}  // namespace
}  // namespace yoake::metrics
