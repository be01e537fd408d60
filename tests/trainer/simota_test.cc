#include "trainer/assign/simota.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace yoake::trainer {
namespace {

// A grid of 8x8 cells of stride 8 whose predictions are all `size` wide, two classes, all logits 0.
struct Grid {
  explicit Grid(float size) {
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        points.push_back({static_cast<float>(x), static_cast<float>(y), 8});
        const float cx = static_cast<float>(x) * 8 + 4;
        const float cy = static_cast<float>(y) * 8 + 4;
        boxes.insert(boxes.end(), {cx, cy, size, size});
      }
    }
    logits.assign(64 * 3, 0);
  }
  Assignment Assign(const std::vector<float>& targets, const AssignerConfig& config = {}) const {
    return SimOta(config).Assign({.boxes = boxes.data(),
                                  .logits = logits.data(),
                                  .logit_stride = 3,
                                  .num_anchors = 64,
                                  .num_classes = 2,
                                  .targets = targets.data(),
                                  .num_targets = static_cast<std::int64_t>(targets.size() / 5)},
                                 points);
  }
  std::vector<AnchorPoint> points;
  std::vector<float> boxes;
  std::vector<float> logits;
};

TEST(SimOta, NothingToAssign) {
  EXPECT_TRUE(Grid(8).Assign({}).anchors.empty());
  // A box whose centre is further from every cell than the radius: Megvii's topk would throw here.
  EXPECT_TRUE(Grid(8).Assign({0, 500, 500, 10, 10}).anchors.empty());
}

TEST(SimOta, PerfectAnchorWins) {
  const Assignment found =
      Grid(8).Assign({1, 20, 28, 8, 8});  // Cell (2, 3) exactly: IoU 1 and no others: k = 1.
  ASSERT_EQ(found.anchors.size(), 1U);
  EXPECT_EQ(found.anchors[0], 3 * 8 + 2);
  EXPECT_EQ(found.targets[0], 0);
  EXPECT_FLOAT_EQ(found.ious[0], 1);
}

// Wide overlaps ask for more positives than there are candidates.
TEST(SimOta, AsksForNoMoreThanThereAre) {
  AssignerConfig config;
  config.candidate_topk = 1000;
  config.center_radius = .6;  // The cell itself.
  const Assignment found = Grid(60).Assign({0, 28, 28, 60, 60}, config);
  EXPECT_EQ(found.anchors.size(), 1U);
}

TEST(SimOta, AnAnchorServesOneTarget) {
  const Assignment found = Grid(24).Assign({0, 28, 28, 24, 24, 1, 30, 30, 24, 24});
  for (std::size_t i = 1; i < found.anchors.size(); ++i) EXPECT_LT(found.anchors[i - 1], found.anchors[i]);
  EXPECT_GT(found.anchors.size(), 2U);
  for (const float iou : found.ious) EXPECT_GT(iou, 0);
}

TEST(SimOta, DivergedPredictionsStillGiveAnOrder) {
  Grid grid(24);
  for (std::size_t i = 0; i < grid.boxes.size(); i += 8) grid.boxes[i + 2] = INFINITY;
  for (std::size_t i = 0; i < grid.logits.size(); i += 5) grid.logits[i] = NAN;
  const Assignment found = grid.Assign({0, 28, 28, 24, 24, 1, 30, 30, 24, 24});
  EXPECT_FALSE(found.anchors.empty());
  for (const float iou : found.ious) EXPECT_TRUE(std::isfinite(iou));
}

TEST(SimOta, UnknownAssignerIsAConfigurationError) {
  AssignerConfig config;
  config.type = "MaxIoU";
  EXPECT_THROW(MakeAssigner(config), Error);
}

}  // namespace
}  // namespace yoake::trainer
