#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace yoake {

// The bytes of a file, to be scanned once from front to back. Regular files are mapped, so that only the
// pages in use take memory; what cannot be mapped (pipes, /dev/stdin) is read. Behind the last byte stand at
// least kPadding zero bytes that may be read too: scanners need not look for the end at every step.
//
// A file that somebody shortens in place while it is mapped ends the process (SIGBUS), as with every mapped
// file; replacing it by rename, as yoake writes, is safe.
class TextFile {
 public:
  static constexpr std::size_t kPadding = 64;

  // Throws Error{kIo} naming the file and the reason.
  static TextFile Open(const std::filesystem::path& path);
  // Text that is already in memory; `name` stands for the file in messages.
  static TextFile Copy(std::string_view text, std::string name);

  TextFile(TextFile&& other) noexcept;
  TextFile& operator=(TextFile&&) = delete;
  ~TextFile();

  std::string_view text() const { return {data_, size_}; }
  const std::string& name() const { return name_; }

  // Gives back the memory of the pages that lie wholly in [begin, end). They may be read again, from disk.
  // Safe while other threads read.
  void Drop(std::size_t begin, std::size_t end) const;

 private:
  TextFile() = default;
  bool Map(const std::filesystem::path& path);
  void Own(std::string text);

  std::string name_;
  std::string owned_;  // Empty when the file is mapped.
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;  // Bytes of the mapping; 0: none.
};

}  // namespace yoake
