#include "trainer/assign/task_aligned.h"

#include <gtest/gtest.h>

namespace yoake::trainer {
namespace {

// A row of four cells of stride 8; boxes as wide as given, two classes.
struct Row {
  explicit Row(float size) {
    for (int x = 0; x < 4; ++x) {
      points.push_back({static_cast<float>(x), 0, 8});
      boxes.insert(boxes.end(), {static_cast<float>(x) * 8 + 4, 4, size, size});
    }
    logits.assign(4 * 3, 0);
  }
  Assignment Assign(const std::vector<float>& targets, const AssignerConfig& config) const {
    return TaskAligned(config).Assign({.boxes = boxes.data(),
                                       .logits = logits.data(),
                                       .logit_stride = 3,
                                       .num_anchors = 4,
                                       .num_classes = 2,
                                       .targets = targets.data(),
                                       .num_targets = static_cast<std::int64_t>(targets.size() / 5)},
                                      points);
  }
  std::vector<AnchorPoint> points;
  std::vector<float> boxes;
  std::vector<float> logits;
};

using Anchors = std::vector<std::int64_t>;

TEST(TaskAligned, NothingToAssign) {
  EXPECT_TRUE(Row(8).Assign({}, {}).anchors.empty());
  EXPECT_TRUE(Row(8).Assign({0, 2, 2, 1, 1}, {}).anchors.empty()) << "no centre in the box";
}

TEST(TaskAligned, TheBestOverlapsWithinTheBox) {
  // A box over cells 0 to 2, its middle on cell 1; equal scores, so that the IoU decides.
  const std::vector<float> target = {1, 12, 4, 23, 8};
  EXPECT_EQ(Row(8).Assign(target, {.topk = 1}).anchors, Anchors({1}));
  EXPECT_EQ(Row(8).Assign(target, {.topk = 13}).anchors, Anchors({0, 1, 2}));
  Row row(8);
  row.boxes[4 * 2 + 2] = 16;  // Cell 2 predicts a wider box.
  EXPECT_EQ(row.Assign(target, {.topk = 1}).anchors, Anchors({2}));
}

TEST(TaskAligned, ScoresOfTheTargetsClassCount) {
  const std::vector<float> target = {1, 12, 4, 23, 8};
  Row row(8);
  row.logits[3 * 0 + 2] = 3;  // Cell 0 is sure of class 1,
  row.logits[3 * 2 + 1] = 9;  // cell 2 of class 0.
  EXPECT_EQ(row.Assign(target, {.topk = 1}).anchors, Anchors({0}));
  EXPECT_EQ(row.Assign(target, {.topk = 1, .alpha = 0}).anchors, Anchors({1})) << "alpha 0: overlap alone";
}

TEST(TaskAligned, AnAnchorTakenTwiceGoesToTheGreaterOverlap) {
  const std::vector<float> targets = {0, 12, 4, 23, 8, 1, 12, 4, 8, 8};
  const Assignment found = Row(8).Assign(targets, {.topk = 13});
  EXPECT_EQ(found.anchors, Anchors({0, 1, 2}));
  EXPECT_EQ(found.targets, Anchors({0, 1, 0}));
  EXPECT_FLOAT_EQ(found.ious[1], 1);
  EXPECT_FLOAT_EQ(found.ious[0], 60.0F / 188);  // 7.5 x 8 of 64 + 184 - 60.
}

}  // namespace
}  // namespace yoake::trainer
