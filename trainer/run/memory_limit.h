#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace yoake::trainer {

// The tighter of this process's own limits: its address space (ulimit -v) or its data (ulimit -d), which both
// count memory that was never touched. Bytes.
struct OwnLimit {
  const char* name = nullptr;  // "address space", "data".
  std::int64_t most = 0;
  std::int64_t now = 0;   // Taken.
  std::int64_t peak = 0;  // The most that was taken so far; of data an estimate, rather too much.

  // Whether nothing of size fits any more when so much is taken.
  bool NearlyReached(std::int64_t taken) const { return most - taken < std::int64_t{128} << 20; }
  std::string Text() const;  // "612 of 700 MB (address space)".
};
// nullopt without such a limit. May be called by a signal handler.
std::optional<OwnLimit> FindOwnLimit() noexcept;

// The least limit on memory among this process's control groups (version 1 or 2), in bytes. `proc_cgroup` is
// /proc/self/cgroup, `mount` /sys/fs/cgroup.
std::optional<std::int64_t> ControlGroupLimit(const std::filesystem::path& proc_cgroup,
                                              const std::filesystem::path& mount);

// How many processes the kernel has killed on this machine since it started because a control group's or the
// machine's memory ran out; 0 when it does not say. `vmstat` is /proc/vmstat.
std::int64_t KilledForMemory(const std::filesystem::path& vmstat);

}  // namespace yoake::trainer
