#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace yoake::studies {

// How a process ended.
struct ExitStatus {
  int code = 0;    // Exit code; meaningless when signal is set.
  int signal = 0;  // The signal that killed it, 0 when it exited by itself.
  bool ok() const { return code == 0 && signal == 0; }
};
std::string ToString(const ExitStatus& status);  // "exit code 3", "killed by signal 9 (Killed)".

struct ProcessOptions {
  std::vector<std::string> command;  // Program (looked up on PATH when it has no '/') and arguments.
  std::vector<std::pair<std::string, std::string>> environment;  // Set over the parent's own.
  std::filesystem::path folder;                                  // Working directory; empty: the parent's.
  std::filesystem::path output;           // Standard output and error are appended here; empty: /dev/null.
  std::filesystem::path standard_output;  // Standard output goes here instead.
};

// A child in a process group of its own, so that its helpers are reached with it and a Ctrl-C on the terminal
// does not. The kernel kills it when the thread that started it ends: start children from the main thread,
// and a driver killed by SIGKILL leaves none behind. Signals and descriptors of the parent are not inherited.
class ChildProcess {
 public:
  // Throws Error{kIo} when the program cannot be executed, naming it and the reason.
  static ChildProcess Start(const ProcessOptions& options);

  // Kills the whole group and waits for the child if it still runs.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  pid_t pid() const { return pid_; }

  // Readable for poll() once the child has ended; -1 on a kernel without pidfds.
  int descriptor() const { return descriptor_; }

  // The status once the child has ended (then what is left of its group is killed), else nothing.
  std::optional<ExitStatus> TryWait();

  // Blocks until the child has ended.
  ExitStatus Wait();

  // To the whole group; nothing happens after the end.
  void Signal(int signal);

 private:
  ChildProcess(pid_t pid, int descriptor) : pid_(pid), descriptor_(descriptor) {}

  pid_t pid_;
  int descriptor_;
  std::optional<ExitStatus> status_;
};

// A descriptor that poll() finds readable once the process, a child or not, has ended; -1 when there is no
// such process or the kernel has no pidfds.
int OpenPidDescriptor(pid_t pid);

// Kills every process of the group `group` that carries `variable`=`value` in its environment and waits until
// all are gone, so that a group id used again by somebody else is never hit. Returns how many were killed.
// Throws Error{kIo} for one that does not go within 10 s.
int KillGroup(pid_t group, const std::string& variable, const std::string& value);

}  // namespace yoake::studies
