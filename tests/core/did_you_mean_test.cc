#include "core/did_you_mean.h"

#include <gmock/gmock.h>

namespace yoake {
namespace {

TEST(DidYouMeanTest, CountsASwapAsOneEdit) {
  EXPECT_EQ(EditDistance("sampler", "sampelr"), 1);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("same", "same"), 0);
}

TEST(DidYouMeanTest, OffersTheNearestOrListsWhatIsKnown) {
  EXPECT_EQ(DidYouMean("samplr", {"pruner", "sampler"}), "; did you mean 'sampler'?");
  EXPECT_EQ(DidYouMean("zzz", {"pruner", "sampler"}), "; known: pruner, sampler");
  EXPECT_EQ(DidYouMean("zzz", {}), "");
}

}  // namespace
}  // namespace yoake
