#include "trainer/run/train_loop.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "datasets/read.h"
#include "metrics/coco/coco_eval.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/tiny_dataset.h"
#include "trainer/predict/predictor.h"
#include "trainer/run/results_csv.h"
#include "trainer/run/run_folder.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {
namespace {

using testing::HasSubstr;

// "finished", or the reason and message of the failure.
std::string Text(const TrainOutcome& outcome) {
  const auto* failed = std::get_if<TrialFailed>(&outcome);
  return failed == nullptr ? "finished" : ToString(failed->reason) + ": " + failed->message;
}

class TrainLoopTest : public testing::Test {
 protected:
  TrainLoopTest() {
    config_.input_size = 64;
    config_.batch = 4;
    config_.epochs = 4;
    config_.seed = 3;
    config_.augment.no_aug_epochs = 1;
    config_.model.depth = 0.33;
    config_.model.width = 0.125;
    config_.data_train = WriteTinyDataset(scratch_.path() / "train", 10, 1).string();
    config_.data_val = WriteTinyDataset(scratch_.path() / "val", 4, 2).string();
  }

  TrainOutcome Run(const std::string& name, bool resume = false, std::function<bool()> stop = nullptr) {
    return Train(config_, LoadRunData(config_),
                 {.folder = Folder(name).root, .resume = resume, .stop = std::move(stop)});
  }
  RunFolder Folder(const std::string& name) const { return {scratch_.path() / name}; }

  std::vector<TrialEvent> Events(const std::string& name) const {
    std::vector<TrialEvent> events;
    std::istringstream lines(ReadFile(Folder(name).events()));
    for (std::string line; std::getline(lines, line);) events.push_back(ParseTrialEvent(line));
    return events;
  }

  std::vector<std::filesystem::path> BoardFiles(const std::string& name) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(Folder(name).root)) {
      if (entry.path().filename().string().starts_with("events.out.tfevents.")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  // Everything of results.csv but the times, exactly.
  void ExpectSameRows(const std::string& a, const std::string& b) const {
    const auto rows_a = ReadResultsCsv(Folder(a).results());
    const auto rows_b = ReadResultsCsv(Folder(b).results());
    ASSERT_EQ(rows_a.size(), rows_b.size());
    for (std::size_t i = 0; i < rows_a.size(); ++i) {
      EXPECT_EQ(rows_a[i].epoch, rows_b[i].epoch);
      EXPECT_EQ(rows_a[i].box_loss, rows_b[i].box_loss) << "epoch " << i + 1;
      EXPECT_EQ(rows_a[i].obj_loss, rows_b[i].obj_loss);
      EXPECT_EQ(rows_a[i].cls_loss, rows_b[i].cls_loss);
      EXPECT_EQ(rows_a[i].l1_loss, rows_b[i].l1_loss);
      EXPECT_EQ(rows_a[i].map50_95, rows_b[i].map50_95);
      EXPECT_EQ(rows_a[i].lr, rows_b[i].lr);
      EXPECT_EQ(rows_a[i].box_share, rows_b[i].box_share);
    }
  }

  ScratchFolder scratch_;
  TrainConfig config_;
};

TEST_F(TrainLoopTest, WritesWhatTheProtocolPromises) {
  config_.evaluation.interval = 3;
  config_.evaluation.score_threshold = 0;
  // Each knows one of the model's two categories, under another id than the training set's.
  const auto blue = WriteTinyDataset(scratch_.path() / "blue", 3, 5, {"blue", "green"});
  const auto red = WriteTinyDataset(scratch_.path() / "red", 3, 5, {"green", "red"});
  config_.tests["blue"] = blue.string();
  config_.tests["red"] = red.string();
  config_.loss.balance_steps = 6;  // Three steps an epoch: every other one has a look.
  const TrainOutcome outcome = Run("run");
  ASSERT_EQ(Text(outcome), "finished");

  const auto rows = ReadResultsCsv(Folder("run").results());
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_FALSE(rows[1].map50.has_value());
  EXPECT_TRUE(rows[2].map50.has_value());
  EXPECT_TRUE(rows[3].map50.has_value());  // The last epoch always.
  EXPECT_EQ(rows[2].l1_loss, 0);
  EXPECT_GT(rows[3].l1_loss, 0);  // L1 joins in the last epochs.
  ASSERT_TRUE(rows[2].box_share && rows[2].obj_share && rows[2].cls_share);
  EXPECT_NEAR(*rows[2].box_share + *rows[2].obj_share + *rows[2].cls_share, 1, 1e-9);
  EXPECT_FALSE(rows[3].box_share.has_value());

  const auto events = Events("run");
  EXPECT_TRUE(std::holds_alternative<TrialStarted>(events.front()));
  EXPECT_TRUE(std::holds_alternative<TrialFinished>(events.back()));
  std::vector<int> epochs;
  for (const TrialEvent& event : events) {
    if (const auto* epoch = std::get_if<TrialEpoch>(&event)) epochs.push_back(epoch->epoch);
  }
  EXPECT_EQ(epochs, (std::vector<int>{1, 2, 3, 4}));
  const auto& finished = std::get<TrialFinished>(events.back());
  for (const char* name :
       {"mAP", "mAP_50", "red.mAP", "loss", "loss_bbox", "lr", "img_per_s", "best_epoch"}) {
    EXPECT_TRUE(finished.metrics.contains(name)) << name;
  }

  const auto blues = metrics::ReadDetections(Folder("run").root / finished.detections.at("blue"));
  const auto reds = metrics::ReadDetections(Folder("run").root / finished.detections.at("red"));
  EXPECT_GT(blues.size() + reds.size(), 0U);
  for (const auto& detection : blues) EXPECT_EQ(detection.category_id, datasets::CategoryId(1));
  for (const auto& detection : reds) EXPECT_EQ(detection.category_id, datasets::CategoryId(11));
  for (const auto& detection : blues) {
    EXPECT_LE(detection.box.right(), 96 + 1e-6);
    EXPECT_LE(detection.box.bottom(), 72 + 1e-6);
  }
  EXPECT_NO_THROW(metrics::EvaluateCoco(datasets::ReadCoco(blue), blues));

  EXPECT_THAT(ReadFile(Folder("run").results_picture()), HasSubstr("epoch 4 of 4"));
  ASSERT_EQ(BoardFiles("run").size(), 1U);
  const std::string board = ReadFile(BoardFiles("run")[0]);
  for (const char* text :
       {"train/box_loss", "metrics/mAP_50", "red/mAP", "balance/box", "memory/peak_rss_mb",
        "val/picture3.png", "_hparams_/session_start_info", "_hparams_/session_end_info"}) {
    EXPECT_THAT(board, HasSubstr(text));
  }

  const auto result = ParseJsonFile(Folder("run").result());
  EXPECT_GT(result["peak_rss_mb"].get<double>(), 10);
  EXPECT_EQ(result["peak_rss_mb"], finished.metrics.at("peak_rss_mb").value());
  EXPECT_TRUE(std::filesystem::exists(Folder("run").root / result["best"].get<std::string>()));
  EXPECT_TRUE(std::filesystem::exists(Folder("run").root / result["last"].get<std::string>()));
  EXPECT_EQ(result["epochs"], 4);
  EXPECT_EQ(result["config"], ToJson(config_));
  EXPECT_EQ(ParseJsonFile(Folder("run").config()), ToJson(config_));
}

TEST_F(TrainLoopTest, ResumedRunsGiveTheNumbersOfAnUninterruptedOne) {
  ASSERT_EQ(Text(Run("straight")), "finished");
  // Three steps an epoch; the stop is asked for after steps and between batches of the evaluation.
  for (const int limit : {1, 4, 7, 8}) {
    const std::string name = "resumed" + std::to_string(limit);
    int asked = 0;
    const TrainOutcome stopped = Run(name, false, [&] { return ++asked == limit; });
    ASSERT_TRUE(std::holds_alternative<TrialFailed>(stopped));
    EXPECT_EQ(std::get<TrialFailed>(stopped).reason, FailureReason::kInterrupted);
    ASSERT_EQ(Text(Run(name, true)), "finished");
    ExpectSameRows("straight", name);
    EXPECT_EQ(BoardFiles(name).size(), 2U);
    const std::string first = ReadFile(BoardFiles(name)[0]);
    EXPECT_THAT(first, testing::Not(HasSubstr("session_end_info"))) << "a stopped run goes on";
  }
}

TEST_F(TrainLoopTest, ResumesInTheMiddleOfMixedSamplesOfManySizes) {
  config_.epochs = 2;
  config_.augment.multi_scale = {.low = 0.5, .high = 1.5, .interval = 1};
  for (const char* name : {"mixup", "copy_paste", "affine", "noise"}) {
    config_.augment.transforms[name]["prob"] = 0.5;
  }
  ASSERT_EQ(Text(Run("straight")), "finished");
  int asked = 0;
  Run("resumed", false, [&] { return ++asked == 2; });
  ASSERT_EQ(Text(Run("resumed", true)), "finished");
  ExpectSameRows("straight", "resumed");
}

TEST_F(TrainLoopTest, AccumulatedStepsResumeAtTheVeryStep) {
  config_.epochs = 2;
  config_.batch = 2;
  config_.accumulate = 2;
  config_.workers = 2;
  ASSERT_EQ(Text(Run("straight")), "finished");
  int asked = 0;
  Run("resumed", false, [&] { return ++asked == 2; });
  config_.workers.reset();
  ASSERT_EQ(Text(Run("resumed", true)), "finished");
  ExpectSameRows("straight", "resumed");
  const Checkpoint a = LoadCheckpoint(Folder("straight").last());
  const Checkpoint b = LoadCheckpoint(Folder("resumed").last());
  for (const char* group : {"raw", "momentum"}) {
    for (std::size_t i = 0; i < a.groups.at(group).size(); ++i) {
      EXPECT_TRUE(at::equal(a.groups.at(group)[i].second, b.groups.at(group)[i].second)) << group << " " << i;
    }
  }
}

// With frozen statistics nothing else tells one batch of eight from four of two: the same images, the same
// positives to divide by. After one step the momentum is the gradient (and its weight decay).
TEST_F(TrainLoopTest, AccumulatedBatchesGiveTheGradientOfTheWholeBatch) {
  config_.data_train = WriteTinyDataset(scratch_.path() / "eight", 8, 7).string();
  config_.epochs = 1;
  config_.batch = 8;
  ASSERT_EQ(Text(Run("start")), "finished");
  config_.init = Folder("start").last().string();
  config_.freeze = {"backbone", "head.stems", "head.cls_convs", "head.reg_convs"};
  ASSERT_EQ(Text(Run("one")), "finished");
  config_.batch = 2;
  config_.accumulate = 4;
  ASSERT_EQ(Text(Run("four")), "finished");

  const Checkpoint one = LoadCheckpoint(Folder("one").last());
  const Checkpoint four = LoadCheckpoint(Folder("four").last());
  const StateDict& expected = one.groups.at("momentum");
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double norm = expected[i].second.norm().item<double>();
    const double off = (expected[i].second - four.groups.at("momentum")[i].second).norm().item<double>();
    EXPECT_LE(off, 2e-6 * norm) << expected[i].first;
    largest = std::max(largest, norm);
  }
  EXPECT_GT(largest, 1e-2);
  // One optimiser step for each: the same rate, the same share of the average.
  const auto rows_one = ReadResultsCsv(Folder("one").results());
  const auto rows_four = ReadResultsCsv(Folder("four").results());
  EXPECT_EQ(rows_one[0].lr, rows_four[0].lr);
  EXPECT_NEAR(rows_one[0].box_loss, rows_four[0].box_loss, 1e-5);
  EXPECT_NEAR(rows_one[0].obj_loss, rows_four[0].obj_loss, 1e-5);
  EXPECT_NEAR(rows_one[0].cls_loss, rows_four[0].cls_loss, 1e-5);
  for (std::size_t i = 0; i < one.model.size(); ++i) {
    EXPECT_TRUE(at::allclose(one.model[i].second, four.model[i].second, 1e-5, 1e-6)) << one.model[i].first;
  }
}

TEST_F(TrainLoopTest, ResumeWithoutACheckpointStartsAndWithAnotherConfigurationRefuses) {
  config_.epochs = 1;
  ASSERT_EQ(Text(Run("run", true)), "finished");
  config_.optimizer.lr = 0.5;
  EXPECT_THROW(Run("run", true), Error);
}

TEST_F(TrainLoopTest, TheLoaderThreadsDoNotChangeTheNumbers) {
  config_.epochs = 2;
  ASSERT_EQ(Text(Run("one")), "finished");
  config_.cache_gb = 0;
  config_.tensorboard.enabled = false;
  ASSERT_EQ(Text(Run("again")), "finished");
  ExpectSameRows("one", "again");
  EXPECT_TRUE(BoardFiles("again").empty());
}

TEST_F(TrainLoopTest, LearnsAHandfulOfPictures) {
  config_.epochs = 100;
  config_.batch = 5;
  config_.augment.transforms["mosaic"]["prob"] = 0;
  config_.optimizer.lr = 0.03;
  config_.augment.no_aug_epochs = 0;
  config_.evaluation.interval = 50;
  config_.data_val = config_.data_train;
  ASSERT_EQ(Text(Run("run")), "finished");
  const auto rows = ReadResultsCsv(Folder("run").results());
  const auto total = [](const EpochRow& row) { return row.box_loss + row.obj_loss + row.cls_loss; };
  EXPECT_LT(total(rows.back()), 0.6 * total(rows.front()));
  EXPECT_GT(rows.back().map50.value(), 0.3);

  // Goes on from there without a chance to get better: evaluated after epochs 2, 4 and 6.
  config_.init = Folder("run").last().string();
  config_.freeze = {"backbone", "head.stems", "head.cls_convs", "head.reg_convs"};
  config_.optimizer.lr = 1e-9;
  config_.epochs = 20;
  config_.evaluation.interval = 2;
  config_.patience = 3;
  ASSERT_EQ(Text(Run("patient")), "finished");
  EXPECT_EQ(ReadResultsCsv(Folder("patient").results()).size(), 6U);
}

TEST_F(TrainLoopTest, PatienceAndBudgetEndTheRun) {
  config_.epochs = 6;
  config_.budget_minutes = 1e-4;
  ASSERT_EQ(Text(Run("short")), "finished");
  EXPECT_EQ(ReadResultsCsv(Folder("short").results()).size(), 1U) << "the first epoch always runs";
  config_.budget_minutes.reset();
  config_.patience = 2;
  config_.optimizer.lr = 1e-9;
  ASSERT_EQ(Text(Run("zero")), "finished");
  EXPECT_EQ(ReadResultsCsv(Folder("zero").results()).size(), 6U) << "a metric of 0 has not begun to count";
}

TEST_F(TrainLoopTest, FrozenPartsStayAsTheyAre) {
  config_.epochs = 1;
  config_.optimizer.lr = 1e-12;
  ASSERT_EQ(Text(Run("start")), "finished");
  config_.init = Folder("start").last().string();
  config_.freeze = {"backbone.backbone"};
  config_.optimizer = {.type = "AdamW", .lr = 0.01};
  ASSERT_EQ(Text(Run("frozen")), "finished");
  const StateDict before = LoadCheckpoint(Folder("start").last()).model;
  const StateDict after = LoadCheckpoint(Folder("frozen").last()).groups.at("raw");
  ASSERT_EQ(before.size(), after.size());
  bool moved = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool same = at::equal(before[i].second, after[i].second);
    if (before[i].first.starts_with("backbone.backbone.")) {
      EXPECT_TRUE(same) << before[i].first;
    } else {
      moved = moved || !same;
    }
  }
  EXPECT_TRUE(moved);
  config_.freeze = {"bakbone"};
  try {
    Run("wrong");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'backbone'"));
  }
}

TEST_F(TrainLoopTest, ALossThatIsNotFiniteNamesItsBatch) {
  config_.optimizer.lr = 1e30;
  const TrainOutcome outcome = Run("run");
  ASSERT_TRUE(std::holds_alternative<TrialFailed>(outcome));
  const auto& failed = std::get<TrialFailed>(outcome);
  EXPECT_EQ(failed.reason, FailureReason::kDiverged);
  EXPECT_THAT(failed.message, HasSubstr("epoch 1, step"));
  EXPECT_THAT(failed.message, HasSubstr(".png"));
  EXPECT_TRUE(std::holds_alternative<TrialFailed>(Events("run").back()));
}

TEST_F(TrainLoopTest, ADamagedImageIsADataFailureWithItsName) {
  const RunData data = LoadRunData(config_);
  WriteFileAtomically(scratch_.path() / "train" / "images" / "picture2.png", "not a picture");
  const TrainOutcome outcome = Train(config_, data, {.folder = Folder("run").root});
  ASSERT_TRUE(std::holds_alternative<TrialFailed>(outcome));
  EXPECT_EQ(std::get<TrialFailed>(outcome).reason, FailureReason::kData);
  EXPECT_THAT(std::get<TrialFailed>(outcome).message, HasSubstr("picture2.png (image id 2)"));
}

TEST_F(TrainLoopTest, PredictReadsTheCheckpointAlone) {
  config_.epochs = 1;
  ASSERT_EQ(Text(Run("run")), "finished");
  PredictOptions options;
  options.checkpoint = Folder("run").best();
  options.out = scratch_.path() / "dt.json";
  options.draw = scratch_.path() / "drawn";
  options.score_threshold = 0;
  options.images = config_.data_val.get<std::string>();
  EXPECT_EQ(Predict(options).images, 4U);
  EXPECT_FALSE(metrics::ReadDetections(options.out).empty());
  EXPECT_TRUE(std::filesystem::exists(scratch_.path() / "drawn" / "picture0.png"));

  options.images = scratch_.path() / "val" / "images";
  Predict(options);
  const auto list = datasets::ReadCoco(scratch_.path() / "dt.images.json");
  EXPECT_EQ(list.images.size(), 4U);
  EXPECT_NO_THROW(metrics::EvaluateCoco(list, metrics::ReadDetections(options.out)));

  options.images = scratch_.path() / "nowhere";
  EXPECT_THROW(Predict(options), Error);
}

}  // namespace
}  // namespace yoake::trainer
