#include "trainer/run/results_csv.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/tiny_dataset.h"
#include "trainer/run/best_f1.h"
#include "trainer/run/progress.h"
#include "trainer/run/run_folder.h"

namespace yoake::trainer {
namespace {

TEST(ResultsCsvTest, ReadsBackWhatItWrote) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "results.csv";
  EXPECT_TRUE(ReadResultsCsv(path).empty());
  EpochRow row{.epoch = 1, .seconds = 2.5, .box_loss = 0.1, .obj_loss = 1.0 / 3, .cls_loss = 2, .l1_loss = 0};
  row.lr = 1e-5;
  EpochRow evaluated = row;
  evaluated.epoch = 2;
  evaluated.map50 = 0.25;
  evaluated.box_share = 0.75;
  evaluated.images_per_s = 31.5;
  evaluated.peak_rss_mb = 812.25;
  WriteResultsCsv(path, {row, evaluated});
  const auto rows = ReadResultsCsv(path);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].obj_loss, 1.0 / 3);
  EXPECT_FALSE(rows[0].map50.has_value());
  EXPECT_EQ(rows[1].map50, 0.25);
  EXPECT_EQ(rows[1].lr, 1e-5);
  EXPECT_EQ(rows[1].box_share, 0.75);
  EXPECT_FALSE(rows[0].box_share.has_value());
  EXPECT_EQ(rows[1].images_per_s, 31.5);
  EXPECT_EQ(rows[1].peak_rss_mb, 812.25);
  EXPECT_FALSE(rows[1].peak_gpu_mb.has_value());
  EXPECT_THAT(ReadFile(path), testing::StartsWith("epoch,time,train/box_loss,"));
  WriteFileAtomically(
      path,
      "epoch,time,train/box_loss,train/obj_loss,train/cls_loss,train/l1_loss,"
      "metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),lr/pg0,lr/pg1,"
      "lr/pg2\n1,2,3,4,5,6,,,,,7,7,7\n");
  EXPECT_EQ(ReadResultsCsv(path).at(0).lr, 7) << "of the version before loss balance";
  WriteFileAtomically(path, "epoch,loss\n1,2\n");
  EXPECT_THROW(ReadResultsCsv(path), Error);
}

TEST(BestF1Test, PicksTheThresholdOfTheBestMean) {
  // Two categories, recall steps 0, .5, 1. The second has no truth.
  metrics::CocoArrays arrays;
  arrays.thresholds = arrays.areas = arrays.max_detections = 1;
  arrays.recalls = 3;
  arrays.categories = 2;
  arrays.precision = {1, -1, 0.8, -1, 0.2, -1};
  arrays.scores = {0.9, -1, 0.6, -1, 0.1, -1};
  const auto point = BestF1(arrays);
  ASSERT_TRUE(point.has_value());
  EXPECT_DOUBLE_EQ(point->precision, 0.8);
  EXPECT_DOUBLE_EQ(point->recall, 0.5);
  arrays.precision = {-1, -1, -1, -1, -1, -1};
  EXPECT_FALSE(BestF1(arrays).has_value());
}

TEST(ProgressTest, ReadsBackAndKnowsAnotherRun) {
  Progress progress{.epoch = 3, .step = 7, .seconds = 1.5, .loss = 0.1, .best_epoch = 2, .best = 0.5};
  progress.best_metrics = {{"mAP", 0.5}, {"mAP_s", std::nullopt}};
  progress.shares = {{LossRole::kBbox, 1.5}, {LossRole::kObj, 0.5}};
  progress.looks = 2;
  const Progress back = ProgressFromJson(nlohmann::json::parse(ToJson(progress).dump()));
  EXPECT_EQ(back.step, 7);
  EXPECT_EQ(back.loss, 0.1);
  EXPECT_EQ(back.best, 0.5);
  EXPECT_EQ(back.shares, progress.shares);
  EXPECT_EQ(back.looks, 2);
  EXPECT_EQ(back.best_metrics, progress.best_metrics);

  const TrainConfig saved;
  TrainConfig now;
  now.threads = 4;
  now.evaluation.interval = 3;
  EXPECT_NO_THROW(RequireSameRun(ToJson(saved), now, "last.pt"));
  nlohmann::json older = ToJson(saved);
  older["loss"]["cls"].erase("class_weight");
  EXPECT_NO_THROW(RequireSameRun(older, now, "last.pt"));
  now.loss.bbox.params["loss_weight"] = 2.0;
  try {
    RequireSameRun(ToJson(saved), now, "last.pt");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("loss.bbox.loss_weight = 5.0, the configuration says 2.0"));
  }
}

TEST(RunFolderTest, NamesAreFileNamesAndTheLatestIsFound) {
  const ScratchFolder scratch;
  const auto family =
      RunFamily(scratch.path(), {.dataset = "day and/night", .model = "YOLOX-nano", .config = ".."});
  EXPECT_EQ(family, scratch.path() / "train" / "day_and_night" / "YOLOX-nano" / "_.." / "default");
  EXPECT_THROW(LatestRun(family), Error);
  const auto first = NewRun(family);
  std::filesystem::create_directories(first / "weights");
  WriteFileAtomically(RunFolder{first}.last(), "x");
  const auto second = NewRun(family);
  EXPECT_NE(first, second);
  EXPECT_EQ(LatestRun(family), first);
}

}  // namespace
}  // namespace yoake::trainer
