// Several processes on one store, and processes that die in it.

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"
#include "studies/storage/storage.h"
#include "tests/studies/parallel_workers.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

using search::Direction;
using search::TrialRecord;
using search::TrialState;

const search::Distribution kLr = search::FloatDistribution{1e-5, 0.1, true, {}};

pid_t InChild(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    work();
    _exit(0);
  } catch (const std::exception& error) {
    dprintf(STDERR_FILENO, "%s\n", error.what());
    _exit(1);
  }
}

int ExitStatus(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void RunTrial(Storage& storage, const std::function<void(int number, int step)>& reported = {}) {
  const int number = storage.StartTrial("s").number;
  storage.SetParams("s", number, {{{"lr", {kLr, 1e-3 + number * 1e-6}}}, {}});
  for (int step = 1; step <= 3; ++step) {
    storage.Report("s", number, step, number + step);
    if (reported) reported(number, step);
  }
  storage.FinishTrial("s", number, TrialState::kComplete, {1.0 * number});
  if (reported) reported(number, 4);
}

// How many of RunTrial's steps of a trial are there; fails on anything that RunTrial did not write.
int StepsDone(const TrialRecord& trial) {
  for (const auto& [step, value] : trial.intermediate) EXPECT_EQ(value, trial.number + step);
  if (trial.state == TrialState::kComplete) {
    EXPECT_EQ(trial.intermediate.size(), 3U);
    EXPECT_EQ(trial.values, std::vector<double>{1.0 * trial.number});
    EXPECT_EQ(trial.params.at("lr").internal, 1e-3 + trial.number * 1e-6);
    return 4;
  }
  return static_cast<int>(trial.intermediate.size());
}

class StorageProcessesTest : public OnEveryEngine {
 protected:
  void SetUp() override {
    OnEveryEngine::SetUp();
    if (!IsSkipped()) url_ = Url();
  }
  std::string url_;
};

TEST_P(StorageProcessesTest, EightWorkersNumberTheirTrialsOneByOneAndLoseNothing) {
  constexpr int kWorkers = 8;
  constexpr int kTrials = 25;
  OpenStorage(url_)->CreateStudy("s", {Direction::kMinimize}, {});
  std::vector<pid_t> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.push_back(InChild([&] {
      const auto storage = OpenStorage(url_);
      for (int trial = 0; trial < kTrials; ++trial) RunTrial(*storage);
    }));
  }
  for (const pid_t worker : workers) EXPECT_EQ(ExitStatus(worker), 0);
  const auto history = OpenStorage(url_)->ReadHistory("s");
  ASSERT_EQ(history.trials.size(), static_cast<std::size_t>(kWorkers * kTrials));
  for (int number = 0; number < kWorkers * kTrials; ++number) {
    const TrialRecord& trial = history.trials[static_cast<std::size_t>(number)];
    EXPECT_EQ(trial.number, number);
    EXPECT_EQ(StepsDone(trial), 4) << number;
  }
}

TEST_P(StorageProcessesTest, WorkersThatAllMakeTheStoreMakeOne) {
  std::vector<pid_t> workers;
  for (int i = 0; i < 6; ++i) {
    workers.push_back(InChild([&] {
      const auto storage = OpenStorage(url_);
      try {
        storage->CreateStudy("s", {Direction::kMinimize}, {});
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::kUsage) throw;
      }
      RunTrial(*storage);
    }));
  }
  for (const pid_t worker : workers) EXPECT_EQ(ExitStatus(worker), 0);
  const auto storage = OpenStorage(url_);
  EXPECT_EQ(storage->Studies().size(), 1U);
  EXPECT_EQ(storage->ReadStudy("s").trials.at(TrialState::kComplete), 6);
}

TEST_P(StorageProcessesTest, EachEnqueuedTrialIsHandedOutOnce) {
  const auto storage = OpenStorage(url_);
  storage->CreateStudy("s", {Direction::kMinimize}, {});
  for (int i = 0; i < 20; ++i) storage->EnqueueTrial("s", {{"lr", {kLr, 1e-3}}}, {});
  std::vector<pid_t> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(InChild([&] {
      const auto own = OpenStorage(url_);
      for (int trial = 0; trial < 5; ++trial) RunTrial(*own);  // Would fail on a trial finished by another.
    }));
  }
  for (const pid_t worker : workers) EXPECT_EQ(ExitStatus(worker), 0);
  EXPECT_EQ(storage->ReadHistory("s").trials.size(), 20U);
  EXPECT_EQ(storage->ReadStudy("s").trials.at(TrialState::kComplete), 20);
}

TEST_P(StorageProcessesTest, KilledWritersLoseNothingThatReturned) {
  struct Acknowledged {
    int number;
    int step;
  };
  OpenStorage(url_)->CreateStudy("s", {Direction::kMinimize}, {});
  RandomStream random = RandomStream(1).Split("moment of the kill");
  std::map<int, int> acknowledged;  // Number -> last step whose call returned.
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t writer = InChild([&] {
      const auto storage = OpenStorage(url_);
      while (true) {
        RunTrial(*storage, [&](int number, int step) {
          const Acknowledged done{number, step};
          if (write(pipe_ends[1], &done, sizeof done) != sizeof done) _exit(3);
        });
      }
    });
    close(pipe_ends[1]);
    Acknowledged done{};
    const auto take = [&] {
      if (read(pipe_ends[0], &done, sizeof done) != sizeof done) return false;
      acknowledged[done.number] = done.step;
      return true;
    };
    for (std::uint64_t left = 1 + random.Below(20); left > 0; --left) ASSERT_TRUE(take());
    // The writer goes on meanwhile: the kill falls at any point of a later call.
    for (volatile std::uint64_t spin = random.Below(400000); spin > 0;) spin = spin - 1;
    kill(writer, SIGKILL);
    while (take()) {
    }
    close(pipe_ends[0]);
    EXPECT_EQ(ExitStatus(writer), -SIGKILL);

    const auto storage = OpenStorage(url_);
    const auto history = storage->ReadHistory("s");
    for (std::size_t i = 0; i < history.trials.size(); ++i) {
      ASSERT_EQ(history.trials[i].number, static_cast<int>(i));
    }
    for (const auto& [number, step] : acknowledged) {
      EXPECT_GE(StepsDone(history.trials.at(static_cast<std::size_t>(number))), step) << "trial " << number;
    }
    RunTrial(*storage);  // The store is not locked and takes the next trial.
  }
  EXPECT_GE(acknowledged.size(), 20U);
}

TEST_P(StorageProcessesTest, TheFileIsSoundAfterAKill) {
  OpenStorage(url_)->CreateStudy("s", {Direction::kMinimize}, {});
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t writer = InChild([&] {
    const auto storage = OpenStorage(url_);
    for (int trial = 0;; ++trial) {
      RunTrial(*storage);
      if (trial == 10 && write(ready[1], "x", 1) != 1) _exit(3);
    }
  });
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 1);
  kill(writer, SIGKILL);
  ExitStatus(writer);
  close(ready[0]);
  close(ready[1]);
  if (!postgresql()) {
    const std::string check =
        "python3 -c \"import sqlite3, sys; "
        "r = sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0]; "
        "sys.exit(r != 'ok')\" '" +
        (folder() / "study.db").string() + "'";
    EXPECT_EQ(Shell(check), 0);
  }
  EXPECT_GE(OpenStorage(url_)->ReadStudy("s").trials.at(TrialState::kComplete), 11);
}

TEST_P(StorageProcessesTest, WorkersThatDieAreReplacedAndTheirTrialsRunAgain) {
  const ParallelOutcome outcome =
      RunParallel(url_, {.workers = 4, .trials = 60, .reports = 3, .enqueued = 20, .kills = 8});
  EXPECT_THAT(outcome.faults, ::testing::IsEmpty());
  EXPECT_EQ(outcome.complete, 60);
}

INSTANTIATE_ON_EVERY_ENGINE(StorageProcessesTest);

}  // namespace
}  // namespace yoake::studies
