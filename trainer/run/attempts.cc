#include "trainer/run/attempts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "trainer/augment/letterbox.h"
#include "trainer/run/memory_limit.h"
#include "trainer/run/run_folder.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

// Exit codes between a child and its parent; nobody else sees them.
constexpr int kHostMemoryCode = 84;
constexpr int kDeviceMemoryCode = 85;
constexpr int kPeerLostCode = 86;

constexpr const char* kVmstat = "/proc/vmstat";

// Which limit of its own a child met: written by the child into memory that its parent shares, since a
// process that is gone cannot be asked. Global because a signal handler writes it.
std::optional<OwnLimit>* met_limit = nullptr;

void ShareMetLimit() {
  void* const page =
      ::mmap(nullptr, sizeof *met_limit, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    throw Error(ErrorKind::kIo, std::string("no shared memory: ") + std::strerror(errno));
  met_limit = new (page) std::optional<OwnLimit>();
}

// At a limit, null pointers are followed and exceptions leave functions that promised none.
void JudgeCrash(int signal) {
  *met_limit = FindOwnLimit();
  if (*met_limit && (*met_limit)->NearlyReached((*met_limit)->now)) ::_exit(kHostMemoryCode);
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

int TrainHere(const TrainConfig& config, const RunData& data, const TrainOptions& options) {
  if (options.rank > 0) spdlog::set_level(spdlog::level::err);  // The leader says the same.
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE}) std::signal(signal, JudgeCrash);
  const TrainOutcome outcome = Train(config, data, options);
  if (const auto* memory = std::get_if<OutOfMemory>(&outcome)) {
    spdlog::warn("memory has run out: {}", memory->message);
    if (memory->kind == MemoryKind::kDevice) return kDeviceMemoryCode;
    *met_limit = FindOwnLimit();
    return kHostMemoryCode;
  }
  if (std::holds_alternative<PeerLost>(outcome)) return kPeerLostCode;
  if (const auto* failed = std::get_if<TrialFailed>(&outcome)) {
    spdlog::error("{}: {}", ToString(failed->reason), failed->message);
    return 1;
  }
  spdlog::info("finished: {}", RunFolder{options.folder}.result().string());
  return 0;
}

struct ChildEnd {
  int status = 0;  // waitpid's.
  double peak_mb = 0;
};

// Starts the processes of an attempt and waits for them. While it lives, signals that ask to stop are taken
// from the queue instead of ending this process, so that none is lost between two children.
class Children {
 public:
  Children() {
    std::signal(SIGCHLD, SIG_DFL);  // If it is ignored, which is inherited, no end can be waited for.
    sigemptyset(&signals_);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals_, signal);
    ::sigprocmask(SIG_BLOCK, &signals_, &before_);
  }
  ~Children() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  // In a child its rank, in this process nothing.
  std::optional<int> Start(int count) {
    const pid_t parent = ::getpid();
    for (int rank = 0; rank < count; ++rank) {
      const pid_t child = ::fork();
      if (child < 0) {
        KillAll();
        throw Error(ErrorKind::kIo, std::string("cannot start a process: ") + std::strerror(errno));
      }
      if (child > 0) {
        children_.push_back(child);
        continue;
      }
      ::sigprocmask(SIG_SETMASK, &before_, nullptr);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);  // It was gone before.
      return rank;
    }
    leader_ = children_.front();
    return std::nullopt;
  }

  // How the first of them ended that did not end well by itself; the others are ended then.
  ChildEnd Wait() {
    ChildEnd told;
    while (!children_.empty()) {
      ChildEnd end;
      rusage usage{};
      const pid_t child = ::wait4(-1, &end.status, WNOHANG, &usage);
      if (child == 0) {
        const int signal = ::sigwaitinfo(&signals_, nullptr);
        if (signal > 0 && signal != SIGCHLD) ::kill(leader_, stops_++ == 0 ? SIGUSR1 : SIGKILL);
        continue;
      }
      std::erase(children_, child);
      end.peak_mb = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
      const bool follows = WIFEXITED(end.status) && WEXITSTATUS(end.status) == kPeerLostCode;
      const bool well = WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0;
      if (!follows) told = end;
      if (!follows && !well) KillAll();
    }
    return told;
  }

  bool stop_asked() const { return stops_ > 0; }

 private:
  void KillAll() {
    for (const pid_t child : children_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    children_.clear();
  }

  sigset_t signals_{};
  sigset_t before_{};
  std::vector<pid_t> children_;
  pid_t leader_ = 0;  // Of rank 0.
  int stops_ = 0;
};

// What ran out in a child that ended so; nullopt: nothing.
std::optional<MemoryKind> RanOut(const ChildEnd& end, bool killed_for_memory) {
  if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == kDeviceMemoryCode) return MemoryKind::kDevice;
  if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == kHostMemoryCode) return MemoryKind::kHost;
  if (WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGKILL && killed_for_memory)
    return MemoryKind::kHost;
  return std::nullopt;
}

// "memory: 612 of 700 MB (address space)".
std::string MemoryText(MemoryKind ran_out, const ChildEnd& end) {
  if (ran_out == MemoryKind::kDevice) return "GPU memory is full";
  if (*met_limit) return "memory: " + (*met_limit)->Text();
  if (const auto limit = ControlGroupLimit("/proc/self/cgroup", "/sys/fs/cgroup")) {
    return fmt::format("memory: {:.0f} of {:.0f} MB (control group)", end.peak_mb,
                       static_cast<double>(*limit) / 1e6);
  }
  return fmt::format("memory: {:.0f} MB", end.peak_mb);
}

// Ends this process as its child ended.
int EndAs(int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int signal = WTERMSIG(status);
  spdlog::error("the training was killed by signal {} ({})", signal, ::strsignal(signal));
  const rlimit no_core{};  // The child has left one if it may.
  ::setrlimit(RLIMIT_CORE, &no_core);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, signal);
  std::signal(signal, SIG_DFL);
  ::raise(signal);
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  return 128 + signal;
}

// What the image cache takes, or would if there were room.
std::int64_t CacheBytes(const RunData& data, const TrainConfig& config) {
  double bytes = 0;
  const auto add = [&](const datasets::Image& image) {
    const double scale = LetterboxScale(image.width, image.height, config.input_size);
    bytes += 3 * scale * image.width * scale * image.height;
  };
  for (const TrainingImage& image : data.train.images) add(image.image);
  for (const datasets::Image& image : data.val.truth.images) add(image);
  return static_cast<std::int64_t>(std::min(bytes, config.cache_gb * 1e9));
}

// A run and what is left of its configuration.
class Attempts {
 public:
  Attempts(const TrainConfig& config, const RunData& data, TrainOptions options)
      : asked_(config), config_(config), data_(data), options_(std::move(options)), folder_{options_.folder} {
    if (options_.resume) {
      TakeUp();
    } else {  // An older run's are never to go on from.
      std::filesystem::remove(folder_.last());
      std::filesystem::remove(folder_.memory());
    }
  }

  int Run() {
    ShareMetLimit();
    Children children;
    for (;;) {
      met_limit->reset();
      const std::int64_t killed_before = KilledForMemory(kVmstat);
      std::filesystem::remove(folder_.rendezvous());
      if (const auto rank = children.Start(config_.nproc_per_node)) {
        options_.rank = *rank;
        return TrainHere(config_, data_, options_);
      }
      const ChildEnd end = children.Wait();
      std::filesystem::remove(folder_.rendezvous());
      const bool killed = !children.stop_asked() && KilledForMemory(kVmstat) > killed_before;
      const auto ran_out = RanOut(end, killed);
      if (!ran_out) return EndAs(end.status);
      if (children.stop_asked()) {
        return Fail(
            {FailureReason::kInterrupted, "stopped when memory had run out; --resume goes on with less"});
      }
      const std::string memory = MemoryText(*ran_out, end);
      if (!GoOnWithLess(*ran_out, memory)) return Fail({FailureReason::kOutOfMemory, Spent(memory)});
    }
  }

 private:
  // Keeps to what an interrupted run had given up, unless other numbers are asked for now.
  void TakeUp() {
    if (!std::filesystem::exists(folder_.memory())) return;
    const json saved = ParseJsonFile(folder_.memory());
    if (saved.value("asked", json()) != MemoryKeys(asked_)) return;
    config_ = WithMemoryKeys(asked_, saved.at("used"));
    options_.given_up = GivenUp{asked_, saved.at("given_up").get<std::vector<std::string>>()};
    spdlog::info("keeps to what was given up for memory: {}; without {} it would try everything again",
                 fmt::join(options_.given_up->steps, ", "), folder_.memory().string());
  }

  bool GoOnWithLess(MemoryKind ran_out, const std::string& memory) {
    const auto step = GiveUp(config_, ran_out, asked_.input_size, CacheBytes(data_, config_));
    if (!step) return false;
    config_ = step->config;
    if (!options_.given_up) options_.given_up = GivenUp{asked_, {}};
    options_.given_up->steps.push_back(step->text);
    const json record = {
        {"asked", MemoryKeys(asked_)}, {"used", MemoryKeys(config_)}, {"given_up", options_.given_up->steps}};
    WriteFileAtomically(folder_.memory(), record.dump(1) + "\n");
    folder_.Append(TrialNotice{"memory", memory + ", " + step->text});
    spdlog::warn("{}, {}; going on from {}", memory, step->text,
                 std::filesystem::exists(folder_.last()) ? "weights/last.pt" : "the beginning");
    options_.resume = true;
    return true;
  }

  std::string Spent(const std::string& memory) const {
    const std::string tried = options_.given_up
                                  ? fmt::format("tried {}", fmt::join(options_.given_up->steps, ", "))
                                  : std::string("nothing was there to give up");
    return fmt::format("{}; {}; lower input_size or model.size{}, or give the run more memory", memory, tried,
                       asked_.shrink_input ? "" : " (shrink_input lets it try smaller images by itself)");
  }

  int Fail(const TrialFailed& failed) const {
    folder_.Append(failed);
    spdlog::error("{}: {}", ToString(failed.reason), failed.message);
    return 1;
  }

  const TrainConfig asked_;
  TrainConfig config_;
  const RunData& data_;
  TrainOptions options_;
  const RunFolder folder_;
};

}  // namespace

int TrainInAttempts(const TrainConfig& config, const RunData& data, TrainOptions options) {
  return Attempts(config, data, std::move(options)).Run();
}

}  // namespace yoake::trainer
