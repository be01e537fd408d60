#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/json_reader.h"
#include "datasets/read.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/tiny_dataset.h"
#include "trainer/augment/mosaic.h"
#include "trainer/data/batch_stream.h"
#include "trainer/data/category_map.h"
#include "trainer/data/image_order.h"
#include "trainer/data/run_data.h"
#include "trainer/data/training_source.h"

namespace yoake::trainer {
namespace {

using testing::HasSubstr;

TEST(EpochOrderTest, EveryImageComesEquallyOftenAndBatchesAreFull) {
  // 7 images in batches of 4: two steps an epoch, 8 samples; after 7 epochs each image came 8 times.
  const std::vector<double> alike(7, 1);
  EXPECT_EQ(StepsPerEpoch(7, 4), 2);
  std::map<int, int> seen;
  for (int epoch = 0; epoch < 7; ++epoch) {
    const auto order = EpochOrder(alike, 4, 1, epoch);
    EXPECT_EQ(order.size(), 8U);
    for (const int image : order) ++seen[image];
  }
  for (int image = 0; image < 7; ++image) EXPECT_EQ(seen[image], 8);
  EXPECT_EQ(EpochOrder(alike, 4, 1, 3), EpochOrder(alike, 4, 1, 3));
  EXPECT_NE(EpochOrder(std::vector<double>(70, 1), 4, 1, 0), EpochOrder(std::vector<double>(70, 1), 4, 2, 0));
  EXPECT_EQ(EpochOrder({1, 1}, 5, 1, 0).size(), 5U);  // Fewer images than the batch.
}

TEST(EpochOrderTest, AHeavyImageComesAsOftenAsItsWeightSays) {
  // 8 entries a pass and a sum of 10: the fourth comes 3 * 8 / 10 times in each, the others .8 times.
  std::vector<double> weights(8, 1);
  weights[3] = 3;
  std::map<int, int> seen;
  for (int epoch = 0; epoch < 500; ++epoch) {
    std::map<int, int> now;
    for (const int image : EpochOrder(weights, 4, 1, epoch)) ++now[image];
    EXPECT_TRUE(now[3] == 2 || now[3] == 3) << now[3];
    for (const auto& [image, times] : now) seen[image] += times;
  }
  EXPECT_NEAR(seen[3] / 500.0, 2.4, 0.07);
  for (const int other : {0, 2, 4, 7}) EXPECT_NEAR(seen[other] / 500.0, 0.8, 0.06) << other;
}

TEST(RepeatFactorsTest, FollowTheRarestCategoryOfTheImage) {
  TrainingSet set;
  set.categories = {"car", "bicycle", "never"};
  set.images.resize(16);
  for (TrainingImage& image : set.images) image.boxes.push_back({{0, 0, 9, 9}, 0});
  set.images[5].boxes = {{{0, 0, 9, 9}, 1}, {{9, 9, 9, 9}, 1}, {{5, 5, 9, 9}, 0}};
  set.images[6].boxes.clear();
  const std::vector<double> factors = RepeatFactors(set, 0.25);  // 1 image of 16 has bicycles.
  for (std::size_t i = 0; i < factors.size(); ++i) EXPECT_DOUBLE_EQ(factors[i], i == 5 ? 2 : 1) << i;
  EXPECT_EQ(RepeatFactors(set, 0), std::vector<double>(16, 1));
  EXPECT_THAT(RepeatText(set, 0.25), testing::ElementsAre("bicycle: its images are drawn 2 times as often"));
}

class BatchStreamTest : public testing::Test {
 protected:
  BatchStreamTest() {
    const auto file = WriteTinyDataset(scratch_.path(), 10, 1);
    set_ = MakeTrainingSet(datasets::ReadCoco(file), "data.train");
    options_.input_size = 64;
    options_.batch = 4;
    options_.seed = 9;
  }

  std::vector<Batch> Epoch(int epoch, std::int64_t first_step = 0) {
    ImageCache cache(options_.input_size, cache_gb_);
    BatchStream stream(set_, &cache, options_, epoch, first_step);
    std::vector<Batch> batches;
    while (auto batch = stream.Next()) batches.push_back(std::move(*batch));
    return batches;
  }

  static void ExpectSame(const std::vector<Batch>& a, const std::vector<Batch>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].images, b[i].images);
      EXPECT_EQ(a[i].boxes, b[i].boxes);
      EXPECT_EQ(a[i].pixels, b[i].pixels);
    }
  }

  ScratchFolder scratch_;
  TrainingSet set_;
  BatchOptions options_;
  double cache_gb_ = 0.1;
};

TEST_F(BatchStreamTest, DoesNotDependOnThreadsOrCache) {
  const auto one = Epoch(2);
  EXPECT_EQ(one.size(), 3U);
  options_.threads = 4;
  ExpectSame(one, Epoch(2));
  cache_gb_ = 0;
  ExpectSame(one, Epoch(2));
}

TEST_F(BatchStreamTest, EveryTransformIsAFunctionOfSeedEpochAndPosition) {
  for (auto& [name, params] : options_.augment.transforms) {
    if (params.contains("prob")) params["prob"] = 0.5;
  }
  options_.augment.multi_scale = {.low = 0.5, .high = 2, .interval = 1};
  auto one = Epoch(2);
  std::set<int> sizes;
  for (const Batch& batch : one) {
    sizes.insert(batch.size);
    EXPECT_EQ(batch.pixels.size(), static_cast<std::size_t>(4 * batch.size * batch.size * 3));
    for (const auto& boxes : batch.boxes) {
      for (const LabeledBox& labeled : boxes) {
        EXPECT_LE(labeled.box.right(), batch.size + 1e-9);
        EXPECT_LE(labeled.box.bottom(), batch.size + 1e-9);
        EXPECT_GE(std::min(labeled.box.w, labeled.box.h), kMinBoxSide_px);
      }
    }
  }
  EXPECT_GT(sizes.size(), 1U);
  options_.threads = 4;
  cache_gb_ = 0;
  ExpectSame(one, Epoch(2));
  one.erase(one.begin());
  ExpectSame(one, Epoch(2, 1));
}

// Draws as they were when mosaic, hsv and flip were all there was: recorded runs and demos keep their
// numbers.
TEST_F(BatchStreamTest, TheDefaultDrawsStayWhatTheyWere) {
  RandomStream random = SampleStream(options_.seed, 1).Split(std::uint64_t{0});
  ASSERT_TRUE(random.Chance(1));
  std::vector<Sample> tiles;
  ImageCache cache(64, 0.1);
  const auto order = EpochOrder(set_.weights, 4, options_.seed, 1);
  tiles.push_back(LoadSample(set_.images[static_cast<std::size_t>(order[0])], &cache));
  for (int i = 0; i < 3; ++i) tiles.push_back(LoadSample(set_.images[random.Below(10)], &cache));
  const Sample mosaic =
      MakeMosaic({tiles[0], tiles[1], tiles[2], tiles[3]}, DrawMosaicPlan({}, 64, &random), 64);
  for (int i = 0; i < 3; ++i) random.Uniform();  // hsv
  const bool flipped = random.Chance(0.5);
  const Batch batch = Epoch(1)[0];
  ASSERT_EQ(batch.boxes[0].size(), mosaic.boxes.size());
  for (std::size_t i = 0; i < mosaic.boxes.size(); ++i) {
    const Box& box = mosaic.boxes[i].box;
    EXPECT_EQ(batch.boxes[0][i].box.x, flipped ? 64 - box.right() : box.x);
    EXPECT_EQ(batch.boxes[0][i].box.y, box.y);
  }
}

TEST_F(BatchStreamTest, EnteredInTheMiddleItGoesOnAsIfFromTheStart) {
  auto whole = Epoch(1);
  whole.erase(whole.begin(), whole.begin() + 2);
  ExpectSame(whole, Epoch(1, 2));
  EXPECT_TRUE(Epoch(1, 3).empty());
}

TEST_F(BatchStreamTest, EpochsDifferAndBoxesAreInside) {
  const auto first = Epoch(0);
  EXPECT_NE(first[0].pixels, Epoch(1)[0].pixels);
  for (const Batch& batch : first) {
    EXPECT_EQ(batch.pixels.size(), 4U * 64 * 64 * 3);
    for (const auto& boxes : batch.boxes) {
      for (const LabeledBox& labeled : boxes) {
        EXPECT_GE(labeled.box.x, 0);
        EXPECT_LE(labeled.box.right(), 64);
        EXPECT_GE(labeled.box.y, 0);
        EXPECT_LE(labeled.box.bottom(), 64);
        EXPECT_LT(labeled.label, 2);
      }
    }
  }
}

TEST_F(BatchStreamTest, LeavingInTheMiddleEndsTheThreads) {
  ImageCache cache(64, 0.1);
  options_.threads = 3;
  BatchStream stream(set_, &cache, options_, 0);
  EXPECT_TRUE(stream.Next().has_value());
}

TEST_F(BatchStreamTest, ADamagedImageIsNamedWithItsId) {
  WriteFileAtomically(set_.images[3].image.path, "not a picture");
  ImageCache cache(64, 0.1);
  std::vector<datasets::Image> images;
  for (const TrainingImage& image : set_.images) images.push_back(image.image);
  const std::string message = MessageOf([&] { cache.Preload(images, 2); });
  EXPECT_THAT(message, HasSubstr("1 of 10 images"));
  EXPECT_THAT(message, HasSubstr("picture3.png (image id 3)"));
  EXPECT_THAT(MessageOf([&] { Epoch(0); }), HasSubstr("picture3.png"));
}

TEST(CategoryMapTest, MatchesByNameNotById) {
  datasets::Dataset dataset;
  dataset.categories = {{datasets::CategoryId(7), "car", ""}, {datasets::CategoryId(3), "bus", ""}};
  const CategoryMap map = MatchCategories({"person", "car"}, dataset, "tests.night");
  EXPECT_FALSE(map.ids[0].has_value());
  EXPECT_EQ(map.ids[1], datasets::CategoryId(7));
  ASSERT_EQ(map.warnings.size(), 2U);
  EXPECT_THAT(map.warnings[0], HasSubstr("tests.night: has no category 'person'"));
  EXPECT_THAT(map.warnings[1], HasSubstr("'bus'"));
  EXPECT_THAT(MessageOf([&] { MatchCategories({"dog"}, dataset, "data.val"); }),
              HasSubstr("it has 'car', 'bus', the model 'dog'"));
}

TEST(RunDataTest, FindsWhatIsWrongBeforeTraining) {
  const ScratchFolder scratch;
  const auto train = WriteTinyDataset(scratch.path() / "train", 4, 1);
  const auto val = WriteTinyDataset(scratch.path() / "val", 3, 2);
  TrainConfig config;
  EXPECT_THAT(MessageOf([&] { LoadRunData(config); }), HasSubstr("data.train: is required"));
  config.data_train = (scratch.path() / "none.json").string();
  EXPECT_THAT(MessageOf([&] { LoadRunData(config); }),
              HasSubstr("data.train: there is no such annotation file"));
  config.data_train = train.string();
  config.data_val = val.string();
  const RunData data = LoadRunData(config);
  EXPECT_EQ(data.train.categories, (std::vector<std::string>{"red", "blue"}));
  EXPECT_EQ(data.train.images.size(), 4U);
  EXPECT_TRUE(data.warnings.empty());

  config.evaluation.metric = "rad.mAP";
  EXPECT_THAT(MessageOf([&] { LoadRunData(config); }), HasSubstr("did you mean 'red'"));
  config.evaluation.metric = "red.mAP_50";
  config.tests["other"] = WriteTinyDataset(scratch.path() / "other", 2, 3, {"red", "green"}).string();
  EXPECT_EQ(LoadRunData(config).warnings.size(), 2U);

  std::filesystem::remove(scratch.path() / "val" / "images" / "picture1.png");
  EXPECT_THAT(MessageOf([&] { LoadRunData(config); }), HasSubstr("picture1.png (image id 1): missing"));
}

TEST(RunDataTest, MasksAreReadWhereCopyPasteWantsThemAndTheFileHasThem) {
  const ScratchFolder scratch;
  const auto file = WriteTinyDataset(scratch.path(), 2, 1);
  nlohmann::json coco = ParseJsonFile(file);
  coco["annotations"][0]["bbox"] = {10, 20, 30, 20};
  coco["annotations"][0]["segmentation"] = {{10, 20, 40, 20, 40, 30, 10, 30}};  // The upper half.
  coco["annotations"][2]["segmentation"] = nlohmann::json::array();
  coco["annotations"][3]["segmentation"] = {{10, 20, 40}};
  WriteFileAtomically(file, coco.dump());
  TrainConfig config;
  config.data_train = config.data_val = file.string();
  EXPECT_TRUE(LoadRunData(config).train.images[0].masks.empty());
  config.augment.transforms["copy_paste"]["prob"] = 0.1;
  const RunData data = LoadRunData(config);
  const TrainingSet& set = data.train;
  EXPECT_THAT(data.warnings, testing::Contains(testing::AllOf(HasSubstr("1 segmentations are no masks"),
                                                              HasSubstr("annotations[3]"))));
  ASSERT_EQ(set.images[0].masks.size(), 2U);
  EXPECT_TRUE(set.images[0].masks[1].runs.empty());
  EXPECT_TRUE(set.images[1].masks[0].runs.empty());
  ImageCache cache(48, 1);  // Half of 96.
  const auto cutouts = TrainingSource(set, &cache).CutOut(0);
  ASSERT_EQ(cutouts.size(), 2U);
  EXPECT_EQ(cutouts[0].labeled.box, (Box{0, 0, 15, 10}));
  EXPECT_EQ(cutouts[0].pixels.size(), cv::Size(15, 10));
  EXPECT_EQ(cv::countNonZero(cutouts[0].mask == 255), 15 * 5);
  EXPECT_EQ(cv::countNonZero(cutouts[0].mask(cv::Rect(0, 0, 15, 5)) == 255), 15 * 5);
  EXPECT_TRUE(cutouts[1].mask.empty());
}

TEST(RunDataTest, BoxesOutsideAreClippedOrLeftOut) {
  const ScratchFolder scratch;
  const auto file = WriteTinyDataset(scratch.path(), 1, 1);
  nlohmann::json coco = ParseJsonFile(file);
  coco["annotations"][0]["bbox"] = {-20, 10, 40, 30};
  coco["annotations"][1]["bbox"] = {10, 10, 0, 5};
  WriteFileAtomically(file, coco.dump());
  const TrainingSet set = MakeTrainingSet(datasets::ReadCoco(file), "data.train");
  ASSERT_EQ(set.images[0].boxes.size(), 1U);
  ASSERT_EQ(set.warnings.size(), 1U);
  ImageCache cache(96, 1);
  EXPECT_EQ(LoadSample(set.images[0], &cache).boxes[0].box, (Box{0, 10, 20, 30}));
}

}  // namespace
}  // namespace yoake::trainer
