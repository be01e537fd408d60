#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/atomic_file.h"
#include "core/json_reader.h"
#include "core/trial_event.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/tiny_dataset.h"
#include "trainer/run/device_fit.h"
#include "trainer/run/memory_limit.h"
#include "trainer/run/memory_steps.h"
#include "trainer/run/run_folder.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// All that is given up one after another.
std::vector<std::string> Steps(TrainConfig config, MemoryKind ran_out, TrainConfig* left) {
  std::vector<std::string> texts;
  const int images = StepImages(config);
  const int size = config.input_size;
  while (const auto step = GiveUp(config, ran_out, size, 240'000'000)) {
    config = step->config;
    texts.push_back(step->text);
    EXPECT_EQ(StepImages(config), images) << "a step keeps its images";
  }
  *left = config;
  return texts;
}

TEST(MemoryStepsTest, HostMemoryFirstGivesUpWhatChangesNoNumber) {
  TrainConfig config;
  config.batch = 6;
  config.accumulate = 2;
  config.threads = 4;
  config.input_size = 320;
  TrainConfig left;
  EXPECT_THAT(Steps(config, MemoryKind::kHost, &left),
              ElementsAre("image cache off (frees about 240 MB)", "1 worker instead of 4 (frees about 22 MB)",
                          "batch 3 instead of 6, accumulate 4 (still 12 images a step)",
                          "batch 1 instead of 3, accumulate 12 (still 12 images a step)"));
  EXPECT_EQ(left.threads, 4) << "LibTorch's stay: they change numbers";
  EXPECT_EQ(MemoryKeys(left),
            json::parse(R"({"batch": 1, "accumulate": 12, "input_size": 320, "cache_gb": 0.0,
                                              "workers": 1})"));
  EXPECT_EQ(ToJson(WithMemoryKeys(config, MemoryKeys(left))), ToJson(left));
}

TEST(MemoryStepsTest, ADeviceGivesUpBatchThenSizeIfAllowed) {
  TrainConfig config;
  config.batch = 7;
  config.input_size = 320;
  config.shrink_input = true;
  TrainConfig left;
  EXPECT_THAT(Steps(config, MemoryKind::kDevice, &left),
              ElementsAre("batch 1 instead of 7, accumulate 7 (still 7 images a step)",
                          "input_size 224 instead of 320: another result",
                          "input_size 160 instead of 224: another result"));
  EXPECT_EQ(left.cache_gb, config.cache_gb) << "host memory is not what ran out";
}

TEST(DeviceFitTest, TakesTheLargestBatchThatFitsAndKeepsTheStep) {
  const StepMemory step{.fixed = 300'000'000, .image = 50'000'000};
  EXPECT_EQ(FittingBatch(step, 8, 1'000'000'000), 8);  // 700 of 800 MB.
  EXPECT_EQ(FittingBatch(step, 8, 800'000'000), 4);
  EXPECT_EQ(FittingBatch(step, 6, 700'000'000), 3);
  EXPECT_EQ(FittingBatch(step, 7, 700'000'000), 1);
  EXPECT_EQ(FittingBatch(step, 8, 300'000'000), 1);
}

TEST(DeviceFitTest, MeasuresWhatAnImageTakes) {
  TrainConfig config;
  config.input_size = 320;
  const StepMemory small = MeasureStep(config);
  config.input_size = 640;
  const StepMemory large = MeasureStep(config);
  EXPECT_GT(small.image, 10'000'000);
  EXPECT_NEAR(static_cast<double>(large.image) / static_cast<double>(small.image), 4, 1);
  EXPECT_GT(small.fixed, 50'000'000);
}

TEST(MemoryLimitTest, ControlGroupsOfBothVersions) {
  const ScratchFolder scratch;
  const auto write = [&](const std::string& name, const std::string& text) {
    WriteFileAtomically(scratch.path() / name, text);
  };
  const auto limit = [&](const std::string& lines) {
    write("cgroup", lines);
    return ControlGroupLimit(scratch.path() / "cgroup", scratch.path());
  };
  write("memory.max", "max\n");
  write("a/memory.max", "3000000\n");
  write("a/b/memory.max", "4000000\n");
  write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("memory/job/memory.limit_in_bytes", "2000000\n");
  EXPECT_EQ(limit("0::/a/b\n"), 3000000) << "a parent's limit holds";
  EXPECT_EQ(limit("0::/\n"), std::nullopt);
  EXPECT_EQ(limit("5:devices:/\n4:memory,x:/job\n0::/a\n"), 2000000);
  EXPECT_EQ(limit("4:memory:/\n"), std::nullopt);
  EXPECT_EQ(limit("4:memory:/elsewhere\nnonsense\n"), std::nullopt);
  EXPECT_EQ(ControlGroupLimit("/nowhere", "/nowhere"), std::nullopt);
  write("vmstat", "nr_free_pages 17\noom_kill 3\n");
  EXPECT_EQ(KilledForMemory(scratch.path() / "vmstat"), 3);
  EXPECT_EQ(KilledForMemory("/nowhere"), 0);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Runs the program under a limit, in a process of its own.
class AttemptsTest : public testing::Test {
 protected:
  AttemptsTest() {
    config_ = {{"model", {{"depth", 0.33}, {"width", 0.25}}},
               {"input_size", 320},
               {"epochs", 1},
               {"batch", 16},
               {"augment", {{"no_aug_epochs", 0}}},
               {"data",
                {{"train", WriteTinyDataset(scratch_.path() / "train", 16, 1).string()},
                 {"val", WriteTinyDataset(scratch_.path() / "val", 4, 2).string()}}}};
  }

  // `limit` in MB of RLIMIT_AS or RLIMIT_DATA; 0: none.
  pid_t Start(int resource, std::int64_t limit_mb, std::vector<std::string> more = {}) {
    WriteFileAtomically(scratch_.path() / "config.json", config_.dump());
    std::vector<std::string> words = {YOAKE_BINARY_DIR "/bin/yoake-trainer", "train",
                                      (scratch_.path() / "config.json").string(), "--out",
                                      folder_.root.string()};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string log = (scratch_.path() / "stderr.txt").string();
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (std::freopen(log.c_str(), "a", stderr) == nullptr) ::_exit(127);
    ::unsetenv("YOAKE_TRIAL_DIR");
    ::setenv("OPENBLAS_NUM_THREADS", "1", 1);  // Each of its threads would count with 128 MB.
    const auto bytes = static_cast<rlim_t>(limit_mb) * 1000000;
    const rlimit limit{bytes, bytes};
    if (limit_mb > 0) ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  static int Wait(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }
  int Run(int resource, std::int64_t limit_mb, std::vector<std::string> more = {}) {
    const int status = Wait(Start(resource, limit_mb, std::move(more)));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string Log() const { return ReadFile(scratch_.path() / "stderr.txt"); }

  std::vector<TrialEvent> Events() const {
    std::vector<TrialEvent> events;
    std::istringstream lines(ReadFile(folder_.events()));
    for (std::string line; std::getline(lines, line);) events.push_back(ParseTrialEvent(line));
    return events;
  }
  std::vector<std::string> Notices() const {
    std::vector<std::string> notices;
    for (const TrialEvent& event : Events()) {
      if (const auto* notice = std::get_if<TrialNotice>(&event)) notices.push_back(notice->message);
    }
    return notices;
  }

  // Until the first step may have begun. Returns the process that trains.
  pid_t AwaitChild(pid_t parent) {
    const std::string task = "/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent);
    for (int i = 0; !std::filesystem::exists(folder_.results_picture()); ++i) {
      if (i == 6000) return 0;  // A minute.
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return static_cast<pid_t>(std::strtol(ReadFile(task + "/children").c_str(), nullptr, 10));
  }

  ScratchFolder scratch_;
  RunFolder folder_{scratch_.path() / "run"};
  json config_;
};

TEST_F(AttemptsTest, ALimitThatIsTooTightForTheBatchIsMetWithSmallerOnes) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's shadow takes more than any limit";
  config_["workers"] = 3;
  ASSERT_EQ(Run(RLIMIT_DATA, 800), 0) << Log();
  const auto notices = Notices();
  ASSERT_GE(notices.size(), 3U) << Log();
  EXPECT_THAT(notices[0], testing::MatchesRegex("memory: [0-9]+ of 800 MB \\(data\\), image cache off "
                                                "\\(frees about 5 MB\\)"));
  EXPECT_THAT(notices[1], HasSubstr("1 worker instead of 3"));
  EXPECT_THAT(notices[2], HasSubstr("batch 8 instead of 16, accumulate 2 (still 16 images a step)"));
  const json result = ParseJsonFile(folder_.result());
  EXPECT_EQ(result["given_up_for_memory"].size(), notices.size());
  const json& used = result["config"];
  EXPECT_EQ(used["cache_gb"], 0);
  EXPECT_LT(used["batch"], 16);
  EXPECT_EQ(used["batch"].get<int>() * used["accumulate"].get<int>(), 16);
  EXPECT_EQ(ParseJsonFile(folder_.config())["batch"], 16) << "what was asked";

  // There is nothing left to do, so that the limit does not matter.
  ASSERT_EQ(Run(RLIMIT_DATA, 0, {"--resume"}), 0) << Log();
  EXPECT_THAT(Log(), HasSubstr("keeps to what was given up for memory: image cache off"));
  EXPECT_EQ(ParseJsonFile(folder_.result())["config"], used);
}

TEST_F(AttemptsTest, WithNothingLeftToGiveUpTheTrialFailsAndSaysWhatWasTried) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's shadow takes more than any limit";
  config_["batch"] = 2;
  config_["input_size"] = 960;
  ASSERT_EQ(Run(RLIMIT_DATA, 330), 1) << Log();
  const auto events = Events();
  const auto* failed = std::get_if<TrialFailed>(&events.back());
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->reason, FailureReason::kOutOfMemory);
  EXPECT_THAT(failed->message, HasSubstr("tried image cache off"));
  EXPECT_THAT(failed->message, HasSubstr("batch 1 instead of 2"));
  EXPECT_THAT(failed->message, HasSubstr("lower input_size or model.size (shrink_input"));
  EXPECT_EQ(Notices().size(), 2U);
}

TEST_F(AttemptsTest, AStopAndACrashReachWhoeverStartedTheRun) {
  config_["epochs"] = 1000;
  config_["batch"] = 2;
  const pid_t stopped = Start(RLIMIT_DATA, 0);
  ASSERT_GT(AwaitChild(stopped), 0) << Log();
  ::kill(stopped, SIGTERM);
  const int status = Wait(stopped);
  ASSERT_TRUE(WIFEXITED(status)) << Log();
  EXPECT_EQ(WEXITSTATUS(status), 1);
  const auto events = Events();
  const auto* failed = std::get_if<TrialFailed>(&events.back());
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->reason, FailureReason::kInterrupted);
  EXPECT_TRUE(std::filesystem::exists(folder_.last()));

  std::filesystem::remove(folder_.results_picture());
  const pid_t crashed = Start(RLIMIT_DATA, 0, {"--resume"});
  const pid_t child = AwaitChild(crashed);
  ASSERT_GT(child, 0) << Log();
  ::kill(child, SIGSEGV);
  const int crash = Wait(crashed);
  ASSERT_TRUE(WIFSIGNALED(crash)) << Log();
  EXPECT_EQ(WTERMSIG(crash), SIGSEGV) << "not read as out of memory";
  EXPECT_TRUE(Notices().empty());
}

}  // namespace
}  // namespace yoake::trainer
