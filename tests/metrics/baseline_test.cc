#include "metrics/uncertainty/baseline.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "core/atomic_file.h"
#include "core/rng.h"
#include "metrics/uncertainty/packed_matches.h"
#include "metrics/uncertainty/reweighted_ap.h"
#include "tests/metrics/random_scene.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"

namespace yoake::metrics {
namespace {

using testing::HasSubstr;

Scene SceneOf(std::uint64_t seed) {
  SceneOptions options;
  options.images = 9;
  options.truths = 60;
  options.detections = 400;
  RandomStream random(seed);
  return RandomScene(options, &random);
}

class BaselineTest : public testing::Test {
 protected:
  std::string MessageFor(const std::string& content, const Scene& scene) {
    WriteFileAtomically(file_, content);
    return MessageOf([&] { ReadBaseline(file_, scene.truth); });
  }

  const ScratchFolder scratch_;
  const std::filesystem::path file_ = scratch_.path() / "baseline.json";
};

TEST_F(BaselineTest, AWrittenMatchingReweighsToTheSameNumbers) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Scene scene = SceneOf(seed);
    const MatchedSet matched = MatchCoco(scene.truth, scene.detections);
    WriteBaseline(file_, matched, scene.truth);
    const Baseline read = ReadBaseline(file_, scene.truth);
    ASSERT_TRUE(std::holds_alternative<MatchedSet>(read));
    LaneWeights weights(matched.images.size());
    RandomStream random(seed);
    for (LaneWeight& weight : weights) {
      for (auto& lane : weight.lane) lane = static_cast<std::uint16_t>(random.Below(4));
    }
    const auto before = ReweightedAp(matched).Evaluate(weights);
    const auto after = ReweightedAp(std::get<MatchedSet>(read)).Evaluate(weights);
    for (std::size_t row = 0; row < before.size(); ++row) {
      for (std::size_t column = 0; column < kColumns; ++column) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          EXPECT_EQ(after[row].sum[column][lane], before[row].sum[column][lane]);
          EXPECT_EQ(after[row].count[column][lane], before[row].count[column][lane]);
        }
      }
    }
  }
}

TEST_F(BaselineTest, ATruthThatChangedIsNoticed) {
  Scene scene = SceneOf(1);
  WriteBaseline(file_, MatchCoco(scene.truth, scene.detections), scene.truth);
  scene.truth.annotations[5].box.w += 1;
  EXPECT_THAT(MessageOf([&] { ReadBaseline(file_, scene.truth); }), HasSubstr("another truth"));
}

TEST_F(BaselineTest, DamageIsNoticed) {
  const Scene scene = SceneOf(2);
  WriteBaseline(file_, MatchCoco(scene.truth, scene.detections), scene.truth);
  std::string text = ReadFile(file_);
  text.replace(text.find("\"matches\": \"") + 12, 4, "////");
  EXPECT_THAT(MessageFor(text, scene), HasSubstr("$.per_category[0]: packed matches are damaged"));
}

TEST_F(BaselineTest, OtherKindsOfFiles) {
  const Scene scene = SceneOf(3);
  WriteDetections(file_, scene.detections);
  EXPECT_TRUE(IsDetectionsFile(file_));
  EXPECT_TRUE(std::holds_alternative<MatchedSet>(ReadBaseline(file_, scene.truth)));
  WriteFileAtomically(file_, R"({"mAP": 0.41, "c0.mAP": 0.5})");
  EXPECT_FALSE(IsDetectionsFile(file_));
  const Floors floors = std::get<Floors>(ReadBaseline(file_, scene.truth));
  EXPECT_EQ(floors, (Floors{{"mAP", 0.41}, {"c0.mAP", 0.5}}));
  EXPECT_THAT(MessageFor("{}", scene), HasSubstr("expected a COCO results file, a baseline written by"));
  EXPECT_THAT(MessageFor(R"({"mAP": "high"})", scene), HasSubstr("$.mAP"));
  EXPECT_THAT(MessageFor(R"({"yoake_baseline": 2})", scene), HasSubstr("format 1 is needed"));
}

TEST(PackedMatchesTest, UnpackRefusesWhatPackDidNotWrite) {
  MatchedDetection hit;
  hit.true_positive = 1;
  hit.image = 7;
  const std::string packed = PackMatches({hit});
  EXPECT_EQ(UnpackMatches(packed, 8).size(), 1u);
  EXPECT_THAT(MessageOf([&] { UnpackMatches(packed, 7); }), HasSubstr("damaged"));  // No image 7.
  for (const char* text : {"", "!", "AAA", "/////", "AQ"}) {
    const std::string message = MessageOf([&] { UnpackMatches(text, 8); });
    EXPECT_TRUE(message == "no error" || message.find("damaged") != std::string::npos) << text << message;
  }
  EXPECT_THAT(MessageOf([&] { UnpackMatches("", 8); }), HasSubstr("damaged"));
  EXPECT_TRUE(UnpackMatches(PackMatches({}), 0).empty());
}

}  // namespace
}  // namespace yoake::metrics
