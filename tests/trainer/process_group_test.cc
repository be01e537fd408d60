#include "trainer/run/process_group.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/tiny_dataset.h"
#include "trainer/run/attempts.h"
#include "trainer/run/results_csv.h"
#include "trainer/run/run_folder.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {
namespace {

using testing::HasSubstr;

class ProcessGroupTest : public testing::Test {
 protected:
  ProcessGroupTest() {
    config_.input_size = 64;
    config_.batch = 3;
    config_.accumulate = 4;
    config_.epochs = 1;
    config_.augment.no_aug_epochs = 1;
    config_.model.depth = 0.33;
    config_.model.width = 0.125;
    config_.tensorboard.enabled = false;
    config_.data_train = WriteTinyDataset(scratch_.path() / "train", 36, 1).string();
    config_.data_val = WriteTinyDataset(scratch_.path() / "val", 4, 2).string();
  }

  // The exit code.
  int Run(const std::string& name, int processes, bool resume = false, std::function<bool()> stop = nullptr) {
    config_.nproc_per_node = processes;
    config_.Validate();
    const pid_t child = ::fork();
    if (child == 0) {
      int code = 99;
      try {
        code = TrainInAttempts(config_, LoadRunData(config_),
                               {.folder = Folder(name).root, .resume = resume, .stop = std::move(stop)});
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
      }
      ::_exit(code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  RunFolder Folder(const std::string& name) const { return {scratch_.path() / name}; }

  // The events of a kind.
  template <typename Event>
  std::vector<Event> Events(const std::string& name) const {
    std::vector<Event> events;
    std::istringstream lines(ReadFile(Folder(name).events()));
    for (std::string line; std::getline(lines, line);) {
      const TrialEvent event = ParseTrialEvent(line);
      if (const auto* one = std::get_if<Event>(&event)) events.push_back(*one);
    }
    return events;
  }

  // Statistics of a few pixels enlarge what rounding does, from step to step.
  void ExpectSameWeights(const std::string& a, const std::string& b, double tolerance) const {
    const auto weights = [&](const std::string& run) {
      const StateDict raw = LoadCheckpoint(Folder(run).last()).groups.at("raw");
      return std::map<std::string, at::Tensor>(raw.begin(), raw.end());
    };
    const auto right = weights(b);
    for (const auto& [name, tensor] : weights(a)) {
      if (!tensor.is_floating_point()) continue;
      const at::Tensor other = right.at(name);
      EXPECT_TRUE(at::allclose(tensor, other, tolerance, tolerance))
          << name << " differs by " << (tensor - other).abs().max().item<float>();
    }
  }

  const ScratchFolder scratch_;
  TrainConfig config_;
};

TEST_F(ProcessGroupTest, AStepOfSeveralIsThatOfOne) {
  config_.data_train = WriteTinyDataset(scratch_.path() / "step", 12, 1).string();
  ASSERT_EQ(Run("one", 1), 0);
  ASSERT_EQ(Run("two", 2), 0);
  ExpectSameWeights("one", "two", 1e-6);
}

TEST_F(ProcessGroupTest, SeveralTrainWhatOneDoes) {
  ASSERT_EQ(Run("one", 1), 0);
  const auto rows = ReadResultsCsv(Folder("one").results());
  for (const int processes : {2, 4}) {
    const std::string name = std::to_string(processes);
    ASSERT_EQ(Run(name, processes), 0);
    ExpectSameWeights("one", name, 1e-3);
    const auto shared = ReadResultsCsv(Folder(name).results());
    ASSERT_EQ(shared.size(), rows.size());
    EXPECT_NEAR(shared[0].box_loss, rows[0].box_loss, 1e-3 * rows[0].box_loss);
    EXPECT_NEAR(shared[0].obj_loss, rows[0].obj_loss, 1e-3 * rows[0].obj_loss);
    EXPECT_NEAR(shared[0].l1_loss, rows[0].l1_loss, 1e-3 * rows[0].l1_loss);
    EXPECT_EQ(Events<TrialStarted>(name).size(), 1U);
    EXPECT_EQ(Events<TrialEpoch>(name).size(), 1U);
    EXPECT_EQ(Events<TrialFinished>(name).size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(Folder(name).rendezvous()));
  }
}

TEST_F(ProcessGroupTest, AStopEndsAllAndAResumeGoesOn) {
  ASSERT_EQ(Run("whole", 2), 0);
  ASSERT_EQ(Run("parts", 2, false, [asked = 0]() mutable { return ++asked == 2; }), 1);
  ASSERT_EQ(Events<TrialFailed>("parts").size(), 1U);
  EXPECT_EQ(Events<TrialFailed>("parts")[0].reason, FailureReason::kInterrupted);
  ASSERT_EQ(Run("parts", 2, true), 0);
  ExpectSameWeights("whole", "parts", 0);
}

TEST_F(ProcessGroupTest, WhatGoesWrongIsSaidOnceByWhoKnows) {
  config_.optimizer.lr = 1e30;
  config_.schedule.warmup_epochs = 0;
  config_.epochs = 3;
  ASSERT_EQ(Run("diverged", 2), 1);
  ASSERT_EQ(Events<TrialFailed>("diverged").size(), 1U);
  EXPECT_EQ(Events<TrialFailed>("diverged")[0].reason, FailureReason::kDiverged);

  config_.optimizer.lr = 0.01;
  config_.cache_gb = 0;
  config_.augment.transforms["mosaic"]["prob"] = 0;
  WriteFileAtomically(scratch_.path() / "train" / "images" / "picture7.png", "no picture");
  ASSERT_EQ(Run("damaged", 2), 1);
  ASSERT_EQ(Events<TrialFailed>("damaged").size(), 1U);
  EXPECT_EQ(Events<TrialFailed>("damaged")[0].reason, FailureReason::kData);
  EXPECT_THAT(Events<TrialFailed>("damaged")[0].message, HasSubstr("picture7.png"));
}

TEST_F(ProcessGroupTest, ALossWithAMemoryIsRefused) {
  config_.loss.cls = MakeLossConfig(LossRole::kCls, "EQLV2Loss", {{"reduction", "sum"}});
  EXPECT_EQ(Run("memory", 2), 99) << "a configuration error";
  EXPECT_EQ(Run("alone", 1), 0);
}

}  // namespace
}  // namespace yoake::trainer
