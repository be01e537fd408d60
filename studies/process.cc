#include "studies/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "core/error.h"

extern char** environ;

namespace yoake::studies {
namespace {

constexpr int kExecFailed = 127;

// Everything the child needs, made before fork(): between fork() and exec() nothing may allocate.
struct Image {
  std::vector<std::string> text;
  std::vector<char*> arguments;
  std::vector<char*> variables;
};

void Point(const std::vector<std::string>& strings, std::size_t begin, std::size_t end,
           std::vector<char*>* pointers) {
  for (std::size_t i = begin; i < end; ++i) pointers->push_back(const_cast<char*>(strings[i].c_str()));
  pointers->push_back(nullptr);
}

bool IsSetIn(const std::vector<std::pair<std::string, std::string>>& environment, const char* entry) {
  for (const auto& [name, unused] : environment) {
    if (std::strncmp(entry, name.c_str(), name.size()) == 0 && entry[name.size()] == '=') return true;
  }
  return false;
}

Image MakeImage(const ProcessOptions& options) {
  Image image;
  image.text = options.command;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (!IsSetIn(options.environment, *entry)) image.text.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.environment) image.text.push_back(name + "=" + value);
  Point(image.text, 0, options.command.size(), &image.arguments);
  Point(image.text, options.command.size(), image.text.size(), &image.variables);
  return image;
}

bool Redirect(const char* file, int flags, int to) {
  const int descriptor = open(file, flags | O_CLOEXEC, 0644);
  return descriptor >= 0 && dup2(descriptor, to) >= 0;
}

void ResetSignals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
}

// Runs in the child; returns only errno of what failed.
int Execute(const ProcessOptions& options, const Image& image, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) return ESRCH;  // The parent was gone before the line above could tell the kernel.
  ResetSignals();
  constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
  const char* output = options.output.empty() ? "/dev/null" : options.output.c_str();
  const char* standard_output = options.standard_output.empty() ? output : options.standard_output.c_str();
  if (!Redirect("/dev/null", O_RDONLY, STDIN_FILENO) || !Redirect(standard_output, kAppend, STDOUT_FILENO) ||
      !Redirect(output, kAppend, STDERR_FILENO)) {
    return errno;
  }
  if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) return errno;
  execvpe(image.arguments.front(), image.arguments.data(), image.variables.data());
  return errno;
}

// A pipe that exec() closes: the child writes errno into it when it never gets that far.
class ExecReport {
 public:
  ExecReport() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) {
      throw Error(ErrorKind::kIo, std::string("cannot make a pipe: ") + std::strerror(errno));
    }
  }
  ~ExecReport() {
    for (const int end : ends_) {
      if (end >= 0) close(end);
    }
  }
  void Send(int code) { (void)!write(ends_[1], &code, sizeof code); }
  int Receive() {
    close(ends_[1]);
    ends_[1] = -1;
    int code = 0;
    while (read(ends_[0], &code, sizeof code) < 0 && errno == EINTR) {
    }
    return code;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::string ReadProcFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// /proc/PID/stat after the command's name (which may hold blanks and brackets): field 3 stands at [0].
std::vector<std::string> StatFields(pid_t pid) {
  const std::string text = ReadProcFile("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t bracket = text.rfind(')');
  if (bracket == std::string::npos) return {};
  std::istringstream rest(text.substr(bracket + 1));
  return {std::istream_iterator<std::string>(rest), std::istream_iterator<std::string>()};
}

std::vector<pid_t> GroupMembers(pid_t group, const std::string& entry) {
  std::vector<pid_t> members;
  std::error_code ignored;
  for (const auto& process : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = process.path().filename();
    pid_t pid = 0;
    const auto [rest, code] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (code != std::errc() || rest != name.data() + name.size()) continue;
    const std::vector<std::string> fields = StatFields(pid);
    if (fields.size() < 3 || fields[0] == "Z" || fields[2] != std::to_string(group)) continue;
    const std::string variables = '\0' + ReadProcFile("/proc/" + name + "/environ");
    if (variables.find('\0' + entry + '\0') != std::string::npos) members.push_back(pid);
  }
  return members;
}

}  // namespace

std::string ToString(const ExitStatus& status) {
  if (status.signal == 0) return "exit code " + std::to_string(status.code);
  return "killed by signal " + std::to_string(status.signal) + " (" + strsignal(status.signal) + ")";
}

ChildProcess ChildProcess::Start(const ProcessOptions& options) {
  if (options.command.empty()) throw Error(ErrorKind::kInternal, "an empty command cannot be started");
  const Image image = MakeImage(options);
  const pid_t parent = getpid();
  ExecReport report;
  const pid_t pid = fork();
  if (pid < 0) throw Error(ErrorKind::kIo, std::string("cannot fork: ") + std::strerror(errno));
  if (pid == 0) {
    report.Send(Execute(options, image, parent));
    _exit(kExecFailed);
  }
  setpgid(pid, pid);  // In both processes: whoever comes first, the group stands before anyone signals it.
  if (const int code = report.Receive(); code != 0) {
    waitpid(pid, nullptr, 0);
    throw Error(ErrorKind::kIo, "cannot start '" + options.command.front() + "': " + std::strerror(code));
  }
  return ChildProcess(pid, OpenPidDescriptor(pid));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      status_(other.status_) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !status_) {
    Signal(SIGKILL);
    Wait();
  }
  if (descriptor_ >= 0) close(descriptor_);
}

std::optional<ExitStatus> ChildProcess::TryWait() {
  if (status_) return status_;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
    return std::nullopt;
  }
  // The unreaped child still holds its pid, so the group's id cannot be anybody else's yet.
  kill(-pid_, SIGKILL);
  int raw = 0;
  while (waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  status_ = WIFSIGNALED(raw) ? ExitStatus{0, WTERMSIG(raw)} : ExitStatus{WEXITSTATUS(raw), 0};
  return status_;
}

ExitStatus ChildProcess::Wait() {
  if (!status_) {
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
  }
  return TryWait().value_or(ExitStatus{});
}

void ChildProcess::Signal(int signal) {
  if (!status_) kill(-pid_, signal);
}

// Through syscall(): the header of glibc 2.36 declares pidfd_open() for C only.
int OpenPidDescriptor(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

int KillGroup(pid_t group, const std::string& variable, const std::string& value) {
  constexpr int kPatienceMs = 10000;
  int killed = 0;
  for (;;) {
    const std::vector<pid_t> members = GroupMembers(group, variable + "=" + value);
    if (members.empty()) return killed;
    for (const pid_t pid : members) {
      pollfd gone{OpenPidDescriptor(pid), POLLIN, 0};
      kill(pid, SIGKILL);
      ++killed;
      const int ended = gone.fd < 0 ? 1 : poll(&gone, 1, kPatienceMs);
      if (gone.fd >= 0) close(gone.fd);
      if (ended == 0) {
        throw Error(ErrorKind::kIo, "process " + std::to_string(pid) + " of an earlier run does not end",
                    value);
      }
    }
  }
}

}  // namespace yoake::studies
