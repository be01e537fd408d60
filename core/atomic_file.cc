#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace yoake {
namespace {

[[noreturn]] void ThrowErrno(const std::string& action, const std::filesystem::path& path, int code) {
  throw Error(ErrorKind::kIo, "cannot " + action + ": " + std::strerror(code), path.string());
}

// Owns a file descriptor until Close() or destruction.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, const std::string& action)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) ThrowErrno(action, path, errno);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }

  int fd() const { return fd_; }
  int Close() { return fd_ < 0 ? 0 : ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

// Returns 0 or the errno of the first failing write.
int WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

std::string ReadFile(const std::filesystem::path& path) {
  Descriptor file(path, O_RDONLY, "open");
  struct stat info {};
  if (::fstat(file.fd(), &info) == 0 && S_ISDIR(info.st_mode)) ThrowErrno("read", path, EISDIR);
  std::string content;
  content.resize(static_cast<size_t>(info.st_size));
  size_t size = 0;
  while (true) {
    if (size == content.size()) content.resize(content.size() + 4096);
    const ssize_t count = ::read(file.fd(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ThrowErrno("read", path, errno);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  content.resize(size);
  return content;
}

void WriteFileAtomically(const std::filesystem::path& path, std::string_view content) {
  std::error_code ignored;  // A failure shows, with its reason, when the temporary file is opened.
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  std::filesystem::path temporary = path;
  temporary += ".tmp" + std::to_string(::getpid());
  int code = 0;
  {
    Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC, "write");
    code = WriteAll(file.fd(), content);
    if (code == 0 && ::fsync(file.fd()) != 0) code = errno;
    if (file.Close() != 0 && code == 0) code = errno;
  }
  if (code == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) code = errno;
  if (code != 0) {
    ::unlink(temporary.c_str());
    ThrowErrno("write", path, code);
  }
}

void AppendLine(const std::filesystem::path& path, std::string_view line) {
  Descriptor file(path, O_WRONLY | O_CREAT | O_APPEND, "append to");
  const std::string record = std::string(line) + '\n';
  if (const int code = WriteAll(file.fd(), record); code != 0) ThrowErrno("append to", path, code);
}

}  // namespace yoake
