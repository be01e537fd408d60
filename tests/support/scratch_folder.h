#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace yoake {

// A folder of one test's own: new and empty at the start, gone at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "yoake_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A file in a folder of this process, which goes with it: ctest runs the tests of one program side by side.
inline std::filesystem::path ScratchFile(const std::string& name) {
  static const ScratchFolder folder;
  return folder.path() / name;
}

}  // namespace yoake
