#include "studies/process.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "studies/event_tail.h"
#include "studies/study_folder.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

using testing::HasSubstr;

constexpr int kPatienceMs = 20000;

ProcessOptions Program(const std::vector<std::string>& command) {
  ProcessOptions options;
  options.command = command;
  return options;
}
ProcessOptions Shell(const std::string& script) { return Program({"sh", "-c", script}); }

// Blocks until the process has ended.
bool WaitForEnd(pid_t pid) {
  pollfd gone{OpenPidDescriptor(pid), POLLIN, 0};
  if (gone.fd < 0) return true;
  const bool ended = poll(&gone, 1, kPatienceMs) == 1;
  close(gone.fd);
  return ended;
}

// Blocks until a child that writes to the pipe has written a line.
class Pipe {
 public:
  Pipe() : good_(pipe(ends_) == 0) {}
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int write_end() const { return ends_[1]; }
  std::string ReadLine() {
    std::string line;
    char c = 0;
    pollfd ready{ends_[0], POLLIN, 0};
    while (good_ && poll(&ready, 1, kPatienceMs) == 1 && read(ends_[0], &c, 1) == 1 && c != '\n') line += c;
    return line;
  }

 private:
  int ends_[2];
  bool good_;
};

TEST(ProcessTest, TellsHowAProcessEnded) {
  EXPECT_EQ(ToString(ChildProcess::Start(Shell("exit 0")).Wait()), "exit code 0");
  EXPECT_EQ(ToString(ChildProcess::Start(Shell("exit 3")).Wait()), "exit code 3");
  EXPECT_EQ(ToString(ChildProcess::Start(Shell("kill -9 $$")).Wait()), "killed by signal 9 (Killed)");
}

TEST(ProcessTest, GivesOutputEnvironmentAndFolder) {
  const ScratchFolder folder;
  ProcessOptions options = Shell("echo $YOAKE_X; pwd; echo error >&2; read nothing || echo no input");
  options.environment = {{"YOAKE_X", "two words"}};
  options.folder = folder.path();
  options.output = folder.path() / "log.txt";
  EXPECT_TRUE(ChildProcess::Start(options).Wait().ok());
  EXPECT_EQ(ReadFile(options.output),
            "two words\n" + std::filesystem::canonical(folder.path()).string() + "\nerror\nno input\n");
  options.standard_output = folder.path() / "out.txt";
  EXPECT_TRUE(ChildProcess::Start(options).Wait().ok());
  EXPECT_THAT(ReadFile(options.standard_output), testing::StartsWith("two words"));
}

TEST(ProcessTest, AProgramThatCannotBeStartedIsNamed) {
  try {
    ChildProcess::Start(Program({"./no-such-program"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("./no-such-program"), HasSubstr("No such file")));
  }
}

TEST(ProcessTest, TheWholeGroupGoesWithItsLeader) {
  const ScratchFolder folder;
  ProcessOptions options = Shell("sleep 1000 & echo $!");
  options.standard_output = folder.path() / "pid";
  ChildProcess child = ChildProcess::Start(options);
  child.Wait();
  EXPECT_TRUE(WaitForEnd(std::atoi(ReadFile(options.standard_output).c_str())));
}

TEST(ProcessTest, ADestroyedChildIsKilled) {
  pid_t pid = 0;
  {
    ChildProcess child = ChildProcess::Start(Shell("exec sleep 1000"));
    pid = child.pid();
    EXPECT_FALSE(child.TryWait());
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(ProcessTest, AKilledParentLeavesNoChild) {
  Pipe pipe;
  const pid_t parent = fork();
  if (parent == 0) {
    ChildProcess child = ChildProcess::Start(Shell("exec sleep 1000"));
    dprintf(pipe.write_end(), "%d\n", child.pid());
    pause();
    _exit(0);
  }
  const pid_t child = std::atoi(pipe.ReadLine().c_str());
  ASSERT_GT(child, 0);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(WaitForEnd(child));
}

TEST(ProcessTest, KillsAGroupByItsEnvironmentAlone) {
  ProcessOptions options = Shell("sleep 1000 & exec sleep 1000");
  options.environment = {{"YOAKE_TRIAL_DIR", "/trials/7"}};
  ChildProcess child = ChildProcess::Start(options);
  EXPECT_EQ(KillGroup(child.pid(), "YOAKE_TRIAL_DIR", "/trials/8"), 0) << "a pid that was used again";
  EXPECT_FALSE(child.TryWait());
  EXPECT_GE(KillGroup(child.pid(), "YOAKE_TRIAL_DIR", "/trials/7"), 1);
  EXPECT_EQ(child.Wait().signal, SIGKILL);
}

TEST(StudyLockTest, OneDriverAtATime) {
  const ScratchFolder scratch;
  const StudyFolder folder(scratch.path() / "study");
  EXPECT_FALSE(DriverOf(folder));
  {
    const StudyLock lock(folder);
    EXPECT_EQ(DriverOf(folder), getpid());
    EXPECT_EQ(DriverOf(folder), getpid()) << "asking does not take it";
    try {
      const StudyLock second(folder);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_THAT(error.what(), HasSubstr(std::to_string(getpid())));
    }
  }
  EXPECT_FALSE(DriverOf(folder));
  const StudyLock again(folder);
}

TEST(StudyLockTest, AChildDoesNotInheritIt) {
  const ScratchFolder scratch;
  const StudyFolder folder(scratch.path());
  std::optional<ChildProcess> child;
  {
    const StudyLock lock(folder);
    child.emplace(ChildProcess::Start(Shell("exec sleep 1000")));
  }
  EXPECT_FALSE(DriverOf(folder));
}

void Append(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::app) << text;
}

TEST(EventTailTest, GivesEachCompleteLineOnce) {
  const ScratchFolder folder;
  const auto file = folder.path() / "events.jsonl";
  EventTail tail(file);
  EXPECT_TRUE(tail.Read().empty()) << "no file yet";
  Append(file, R"({"event":"started","epochs":3})"
               "\n"
               R"({"event":"epoch","ep)");
  EXPECT_EQ(tail.Read().size(), 1u);
  EXPECT_TRUE(tail.Read().empty());
  Append(file, R"(och":1,"metrics":{"mAP":0.5}})"
               "\n");
  const auto events = tail.Read();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<TrialEpoch>(events[0]).metrics.at("mAP"), 0.5);
  EXPECT_TRUE(tail.warnings().empty());
}

TEST(EventTailTest, GarbageIsAWarningWithItsLine) {
  const ScratchFolder folder;
  const auto file = folder.path() / "events.jsonl";
  Append(file, "nonsense\n\n[1]\n{\"event\":\"what\"}\n{\"event\":\"epoch\",\"epoch\":\"x\"}\n");
  Append(file, std::string("\0\xff\n", 3) + R"({"event":"started"})"
                                            "\n");
  EventTail tail(file);
  EXPECT_EQ(tail.Read().size(), 1u);
  ASSERT_EQ(tail.warnings().size(), 5u);
  EXPECT_THAT(tail.warnings()[0], HasSubstr("events.jsonl line 1"));
  EXPECT_THAT(tail.warnings()[2], HasSubstr("line 4"));
}

TEST(EventTailTest, ATornLineIsCutBeforeTheNextProcessAppends) {
  const ScratchFolder folder;
  const auto file = folder.path() / "events.jsonl";
  CutTornLine(file);
  Append(file, "{\"event\":\"started\"}\n{\"event\":\"epo");
  CutTornLine(file);
  EXPECT_EQ(ReadFile(file), "{\"event\":\"started\"}\n");
  CutTornLine(file);
  EXPECT_EQ(ReadFile(file), "{\"event\":\"started\"}\n");
}

}  // namespace
}  // namespace yoake::studies
