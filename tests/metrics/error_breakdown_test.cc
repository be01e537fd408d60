#include "metrics/analyses/error_breakdown.h"

#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/read.h"
#include "tests/support/shared_folder.h"

namespace yoake::metrics {
namespace {

// What the reference implementation (dbolya/tide 1.0.1) says of the shared sets once it keeps the three rules
// of COCO's evaluation that error_breakdown.h names: AP50 and its gains, in hundredths.
struct Reference {
  std::string name;
  std::string truth, detections;  // Below the shared folder.
  double ap;
  std::vector<double> gains;  // By DetectionFault, then without false positives, without false negatives.
  std::vector<int> counts;    // By DetectionFault.
};

class TideReferenceTest : public testing::TestWithParam<Reference> {};

TEST_P(TideReferenceTest, Agrees) {
  const Reference& expected = GetParam();
  const std::filesystem::path shared = SharedFolder();
  if (!std::filesystem::exists(shared / expected.truth)) {
    GTEST_SKIP() << "no " << expected.truth << " under " << shared << " (YOAKE_SHARED)";
  }
  const datasets::Dataset truth = datasets::ReadCoco(shared / expected.truth);
  const std::vector<Detection> detections = ReadDetections(shared / expected.detections);
  const EvaluationSet set(truth, detections);
  const ErrorBreakdown breakdown = BreakDownErrors(ImageOverlaps(set, .1));
  EXPECT_THAT(breakdown.all.counts, testing::ElementsAreArray(expected.counts));
  EXPECT_NEAR(*breakdown.all.ap * 100, expected.ap, 1e-9);
  for (std::size_t i = 0; i < kDetectionFaults; ++i) {
    EXPECT_NEAR(*breakdown.all.gain[i] * 100, expected.gains[i], 1e-9) << ToString(DetectionFault(i));
  }
  EXPECT_NEAR(*breakdown.all.gain_no_false_positives * 100, expected.gains[6], 1e-9);
  EXPECT_NEAR(*breakdown.all.gain_no_false_negatives * 100, expected.gains[7], 1e-9);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, TideReferenceTest,
    testing::Values(Reference{"normal",
                              "fixtures/coco_eval/01_normal/gt.json",
                              "fixtures/coco_eval/01_normal/dt.json",
                              48.24642253322782,
                              {1.7642953393075729, 2.8975831556662044, 0.3935710651238864, 7.074378737803947,
                               0.40197298196466136, 23.34727421491889, 9.509353044329934, 35.839688917435986},
                              {6, 20, 31, 44, 80, 39}},
                    Reference{
                        "crowds",
                        "fixtures/coco_eval/02_crowd/gt.json",
                        "fixtures/coco_eval/02_crowd/dt.json",
                        46.52974249768457,
                        {1.9196973961107346, 4.929371429495028, 2.363655544048207, 6.628670362067311,
                         1.5911417014173352, 18.513291316999734, 16.176528129378134, 27.336208865164757},
                        {10, 29, 45, 33, 132, 22}},
                    Reference{"equal_scores",
                              "fixtures/coco_eval/03_score_ties/gt.json",
                              "fixtures/coco_eval/03_score_ties/dt.json",
                              53.05444474730023,
                              {3.3152098779942705, 2.8729397017275673, 0.16686525791993034, 8.11294582780495,
                               0.8686821900182551, 18.2004630143147, 13.282188916066097, 26.59192471262805},
                              {8, 39, 30, 65, 89, 37}},
                    Reference{"coco",
                              "fixtures/coco_eval/19_coco_val2014_100/gt.json",
                              "fixtures/coco_eval/19_coco_val2014_100/dt.json",
                              69.69727247299575,
                              {16.75747826523596, 0.24988213107025103, 0, 0.020599225914480712, 0,
                               9.358098158033599, 7.40315185515135, 19.316553455832832},
                              {83, 1, 0, 1, 0, 97}},
                    Reference{"medium",
                              "fixtures/coco_eval/20_medium_500x20/gt.json",
                              "fixtures/coco_eval/20_medium_500x20/dt.json",
                              69.8218259679132,
                              {5.548711163619444, 2.0810405536636836, 0.18104096430124628, 2.6016024808180447,
                               0.6278894277673004, 10.257741920099775, 9.237579972680862, 18.456011321078066},
                              {753, 2093, 3585, 1577, 19022, 370}},
                    Reference{"medium_b",
                              "fixtures/coco_eval/20_medium_500x20_model_b/gt.json",
                              "fixtures/coco_eval/20_medium_500x20_model_b/dt.json",
                              72.93400092633297,
                              {5.2121285200374246, 3.013602568689521, 0.1659680878927361, 2.940568518584442,
                               0.6686988119383699, 7.6435935426579675, 9.145206994459102, 15.530763191984619},
                              {750, 2044, 3615, 1565, 19045, 313}},
                    Reference{"bccd",
                              "data/bccd/annotations/test.json",
                              "fixtures/golden_eval/bccd_test_dt.json",
                              55.31243282049243,
                              {6.340317080820455, 6.806447360847322, 2.1942639601187537, 1.745443856178973,
                               6.005468303696041, 9.265898469923442, 21.25522394518414, 16.56846439573006},
                              {27, 62, 20, 68, 48, 135}},
                    Reference{"hituav",
                              "data/hituav_day/annotations/train_with_ignore.json",
                              "fixtures/golden_eval/hituav_day_train_ignore_dt.json",
                              48.15619402416092,
                              {7.132873355325401, 7.809005341588957, 0.10863136083424507, 1.689232297421853,
                               8.558755290947438, 8.115371234927515, 27.586380233264826, 15.752268490284564},
                              {79, 122, 7, 114, 236, 252}}),
    [](const auto& instance) { return instance.param.name; });

// One image, cars (1) and buses (2); truth and detections are 10 x 10 squares in one row, so that an offset
// of o gives IoU (10 - o) / (10 + o).
class FaultsTest : public testing::Test {
 protected:
  FaultsTest() {
    truth_.images = {{datasets::ImageId{1}, "a", {}, 1000, 10, 0}};
    truth_.categories = {{datasets::CategoryId{1}, "car", ""}, {datasets::CategoryId{2}, "bus", ""}};
  }

  void Truth(int category, double x, bool crowd = false) {
    truth_.annotations.push_back({datasets::AnnotationId{static_cast<int>(truth_.annotations.size()) + 1},
                                  datasets::ImageId{1},
                                  datasets::CategoryId{category},
                                  {x, 0, 10, 10},
                                  100,
                                  crowd});
  }
  void Detect(int category, double x, double score) {
    detections_.push_back({datasets::ImageId{1}, datasets::CategoryId{category}, {x, 0, 10, 10}, score});
  }

  ErrorBreakdown BreakDown() const {
    const EvaluationSet set(truth_, detections_);
    return BreakDownErrors(ImageOverlaps(set, .1));
  }

  datasets::Dataset truth_;
  std::vector<Detection> detections_;
};

TEST_F(FaultsTest, EachKindIsToldFromTheOthers) {
  struct Case {
    DetectionFault fault;
    int category;
    double x;
  };
  const std::vector<Case> cases = {
      {DetectionFault::kLocalisation, 1, 106},    // IoU .25 with a car.
      {DetectionFault::kClassification, 2, 102},  // IoU .67 with a car.
      {DetectionFault::kBoth, 2, 106},            // IoU .25 with a car.
      {DetectionFault::kDuplicate, 1, 0},        {DetectionFault::kBackground, 1, 500},
      {DetectionFault::kBackground, 1, 109},  // IoU .05 with a car.
  };
  for (const Case& c : cases) {
    truth_.annotations.clear();
    detections_.clear();
    Truth(1, 0);
    Truth(1, 100);
    Detect(1, 0, .9);
    Detect(c.category, c.x, .8);
    std::array<int, kDetectionFaults> counts{};
    ++counts[static_cast<std::size_t>(c.fault)];
    // Where no detection but for its fault would have found it, the second car is missed.
    const bool explained =
        c.fault == DetectionFault::kLocalisation || c.fault == DetectionFault::kClassification;
    counts[static_cast<std::size_t>(DetectionFault::kMissed)] = explained ? 0 : 1;
    EXPECT_EQ(BreakDown().all.counts, counts) << ToString(c.fault) << " at " << c.x;
  }
}

// Recall of one of two cars at precision 1: AP is 51 of 101 recalls; found or taken off, the second makes
// it 1.
TEST_F(FaultsTest, GainsOfClosedCases) {
  const double half = 51.0 / 101;
  Truth(1, 0);
  Truth(1, 100);
  Detect(1, 0, .9);
  const auto gain = [&](DetectionFault fault) {
    return *BreakDown().all.gain[static_cast<std::size_t>(fault)];
  };
  EXPECT_NEAR(*BreakDown().all.ap, half, 1e-12);
  EXPECT_NEAR(gain(DetectionFault::kMissed), 1 - half, 1e-12);
  Detect(2, 100, .8);
  EXPECT_NEAR(gain(DetectionFault::kClassification), 1 - half, 1e-12);
  EXPECT_EQ(gain(DetectionFault::kMissed), 0);
  Detect(1, 105, .7);  // IoU 1/3; the classification fault, of higher score, has the car already.
  EXPECT_NEAR(gain(DetectionFault::kClassification), 1 - half, 1e-12);
  EXPECT_EQ(gain(DetectionFault::kLocalisation), 0);
  EXPECT_EQ(*BreakDown().all.gain_no_false_positives, 0);
  EXPECT_NEAR(*BreakDown().all.gain_no_false_negatives, 1 - half, 1e-12);
}

TEST_F(FaultsTest, ACrowdExcusesOnlyItsOwnCategory) {
  Truth(1, 0);
  Truth(1, 100, true);
  Detect(1, 0, .5);
  Detect(1, 100, .9);
  EXPECT_NEAR(*BreakDown().all.ap, 1, 1e-12);
  Detect(2, 100, .9);
  EXPECT_EQ(BreakDown().categories[1].counts[static_cast<std::size_t>(DetectionFault::kBackground)], 1);
}

TEST_F(FaultsTest, NothingGivenHasNoPrecision) {
  EXPECT_FALSE(BreakDown().all.ap);
  EXPECT_FALSE(BreakDown().all.gain[0]);
}

}  // namespace
}  // namespace yoake::metrics
