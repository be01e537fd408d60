#include "trainer/run/memory_limit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace yoake::trainer {
namespace {

// A limit's file: a number, or "max". Version 1 says "none" by a number near 2^63.
std::optional<std::int64_t> ReadLimit(const std::filesystem::path& file) {
  constexpr std::int64_t kNone = std::int64_t{1} << 60;
  std::ifstream stream(file);
  std::int64_t bytes = 0;
  if (!(stream >> bytes) || bytes >= kNone) return std::nullopt;
  return bytes;
}

// The folder and its parents up to the mount: each one's limit holds.
std::optional<std::int64_t> LeastLimit(std::filesystem::path folder, const std::filesystem::path& mount,
                                       const char* name) {
  std::optional<std::int64_t> least;
  for (;; folder = folder.parent_path()) {
    if (const auto limit = ReadLimit(folder / name)) least = std::min(limit, least ? least : limit);
    if (folder == mount || !folder.has_relative_path()) return least;
  }
}

// A line of /proc/self/status in bytes: it is told in kB. 0 when it is not there.
std::int64_t StatusBytes(const char* status, const char* name) {
  const char* line = std::strstr(status, name);
  return line == nullptr ? 0 : std::strtol(line + std::strlen(name), nullptr, 10) * 1024;
}

}  // namespace

std::string OwnLimit::Text() const {
  return fmt::format("{:.0f} of {:.0f} MB ({})", static_cast<double>(std::min(peak, most)) / 1e6,
                     static_cast<double>(most) / 1e6, name);
}

std::optional<OwnLimit> FindOwnLimit() noexcept {
  // No allocation: there may be no memory, and malloc may be what failed.
  char status[4096] = {};
  const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  const ssize_t size = ::read(file, status, sizeof status - 1);
  ::close(file);
  if (size <= 0) return std::nullopt;

  const std::int64_t now = StatusBytes(status, "VmSize:");
  const std::int64_t peak = StatusBytes(status, "VmPeak:");
  const std::int64_t data = StatusBytes(status, "VmData:");
  std::optional<OwnLimit> tightest;
  const auto consider = [&](auto resource, const char* name, std::int64_t taken) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
    const auto most = static_cast<std::int64_t>(limit.rlim_cur);
    if (tightest && tightest->most - tightest->now <= most - taken) return;
    tightest = OwnLimit{name, most, taken, taken + (peak - now)};
  };
  consider(RLIMIT_AS, "address space", now);
  consider(RLIMIT_DATA, "data", data);  // The kernel keeps no peak of it, but little else comes and goes.
  return tightest;
}

std::optional<std::int64_t> ControlGroupLimit(const std::filesystem::path& proc_cgroup,
                                              const std::filesystem::path& mount) {
  std::ifstream lines(proc_cgroup);
  std::optional<std::int64_t> least;
  // "0::/path" (version 2) or "4:memory:/path".
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    const std::filesystem::path path = line.substr(std::min(second + 2, line.size()));
    std::optional<std::int64_t> limit;
    if (controllers == ",,") {
      limit = LeastLimit((mount / path).lexically_normal(), mount, "memory.max");
    } else if (controllers.find(",memory,") != std::string::npos) {
      limit = LeastLimit((mount / "memory" / path).lexically_normal(), mount, "memory.limit_in_bytes");
    }
    if (limit) least = std::min(limit, least ? least : limit);
  }
  return least;
}

std::int64_t KilledForMemory(const std::filesystem::path& vmstat) {
  std::ifstream stream(vmstat);
  std::int64_t count = 0;
  for (std::string name; stream >> name >> count;) {
    if (name == "oom_kill") return count;
  }
  return 0;
}

}  // namespace yoake::trainer
