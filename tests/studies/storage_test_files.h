#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/shared_folder.h"

namespace yoake::studies {

// A folder of its own for one test, removed at its end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "yoake_storage_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string Url(const std::string& name = "study.db") const {
    return "sqlite:///" + (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

inline std::filesystem::path OptunaDatabase(const std::string& name) {
  return SharedFolder() / "fixtures/optuna_db" / name;
}

}  // namespace yoake::studies
