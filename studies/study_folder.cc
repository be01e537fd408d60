#include "studies/study_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/error.h"

namespace yoake::studies {
namespace {

pid_t ReadPid(int descriptor) {
  char text[32] = {};
  if (pread(descriptor, text, sizeof text - 1, 0) <= 0) return 0;
  return static_cast<pid_t>(std::strtol(text, nullptr, 10));
}

// An open file description's lock: it goes with the driver, and asking who holds it does not take it.
struct flock WholeFile() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

[[noreturn]] void ThrowErrno(const std::string& action, const std::filesystem::path& path, int code) {
  throw Error(ErrorKind::kIo, "cannot " + action + ": " + std::strerror(code), path.string());
}

}  // namespace

StudyLock::StudyLock(const StudyFolder& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder.root(), code);
  if (code) ThrowErrno("make the study's folder", folder.root(), code.value());
  descriptor_ = open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) ThrowErrno("write into the study's folder", folder.lock(), errno);
  struct flock lock = WholeFile();
  if (fcntl(descriptor_, F_OFD_SETLK, &lock) != 0) {
    const pid_t holder = ReadPid(descriptor_);
    close(descriptor_);
    throw Error(ErrorKind::kUsage,
                "process " + std::to_string(holder) +
                    " drives this study already; look at it with `yoake study status`, end it with `yoake "
                    "study stop`",
                folder.root().string());
  }
  const std::string text = std::to_string(getpid()) + "\n";
  const bool written = ftruncate(descriptor_, 0) == 0 &&
                       pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written) {
    const int reason = errno;
    close(descriptor_);
    ThrowErrno("write into the study's folder", folder.lock(), reason);
  }
}

StudyLock::~StudyLock() { close(descriptor_); }

std::optional<pid_t> DriverOf(const StudyFolder& folder) {
  const int descriptor = open(folder.lock().c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct flock lock = WholeFile();
  lock.l_type = F_RDLCK;
  std::optional<pid_t> holder;
  if (fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) holder = ReadPid(descriptor);
  close(descriptor);
  return holder;
}

}  // namespace yoake::studies
