#include "trainer/models/nms.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace yoake::trainer {
namespace {

// Three anchors of two classes: a box, the same box a little worse, and the same place in the other class.
at::Tensor ThreeBoxes() {
  return at::tensor({50.F, 50.F, 20.F, 20.F, .9F,  .9F,  .1F,  51.F, 50.F, 20.F, 20.F,
                     .9F,  .8F,  .1F,  50.F, 50.F, 20.F, 20.F, .9F,  .1F,  .7F})
      .view({3, 7});
}

TEST(Postprocess, SuppressesWithinAClassOnly) {
  const std::vector<Kept> kept = Postprocess(ThreeBoxes(), .01, .65, 0);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_FLOAT_EQ(kept[0].score, .81F);
  EXPECT_FLOAT_EQ(kept[0].x1, 40.F);
  EXPECT_FLOAT_EQ(kept[0].y2, 60.F);
  EXPECT_EQ(kept[1].label, 1);
}

TEST(Postprocess, AgnosticSuppressesAcrossClasses) {
  EXPECT_EQ(Postprocess(ThreeBoxes(), .01, .65, 0, true).size(), 1U);
}

TEST(Postprocess, LimitsAndThresholdsKeepTheBest) {
  EXPECT_EQ(Postprocess(ThreeBoxes(), .01, .99, 1).size(), 1U);
  EXPECT_EQ(Postprocess(ThreeBoxes(), .7, .99, 0).size(), 2U);
  EXPECT_TRUE(Postprocess(ThreeBoxes(), .95, .99, 0).empty());
  EXPECT_TRUE(Postprocess(at::empty({0, 7}), .01, .65, 100).empty());
}

}  // namespace
}  // namespace yoake::trainer
