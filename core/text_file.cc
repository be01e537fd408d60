#include "core/text_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "core/atomic_file.h"

namespace yoake {
namespace {

std::size_t PageSize() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

TextFile TextFile::Open(const std::filesystem::path& path) {
  TextFile file;
  file.name_ = path.string();
  struct stat info {};
  // A pipe is opened once, by whoever reads it.
  const bool regular = ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
  if (!regular || !file.Map(path)) file.Own(ReadFile(path));
  return file;
}

TextFile TextFile::Copy(std::string_view text, std::string name) {
  TextFile file;
  file.name_ = std::move(name);
  file.Own(std::string(text));
  return file;
}

TextFile::TextFile(TextFile&& other) noexcept
    : name_(std::move(other.name_)),
      owned_(std::move(other.owned_)),
      data_(other.mapped_ != 0 ? other.data_ : owned_.data()),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

TextFile::~TextFile() {
  if (mapped_ != 0) ::munmap(const_cast<char*>(data_), mapped_);
}

// Maps the file over the front of a larger mapping of zeros, which becomes the padding. False when it cannot
// be.
bool TextFile::Map(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct stat info {};
  ::fstat(descriptor, &info);
  const auto size = static_cast<std::size_t>(info.st_size);
  void* const whole =
      ::mmap(nullptr, size + kPadding, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (whole != MAP_FAILED) {
    mapped_ = size + kPadding;
    data_ = static_cast<const char*>(whole);
    if (size > 0 && ::mmap(whole, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == whole) {
      size_ = size;
      ::madvise(whole, size, MADV_SEQUENTIAL);
    } else {
      ::munmap(whole, std::exchange(mapped_, 0));
    }
  }
  ::close(descriptor);
  return size_ > 0;
}

void TextFile::Own(std::string text) {
  size_ = text.size();
  owned_ = std::move(text);
  owned_.append(kPadding, '\0');
  data_ = owned_.data();
}

void TextFile::Drop(std::size_t begin, std::size_t end) const {
  if (mapped_ == 0) return;
  const std::size_t page = PageSize();
  begin = (begin + page - 1) / page * page;
  end = end / page * page;
  if (begin < end) ::madvise(const_cast<char*>(data_) + begin, end - begin, MADV_DONTNEED);
}

}  // namespace yoake
