#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

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

inline std::filesystem::path SharedFolder() {
  const char* shared = std::getenv("YOAKE_SHARED");
  return shared != nullptr ? std::filesystem::path(shared)
                           : std::filesystem::path(YOAKE_SOURCE_DIR).parent_path() / "shared";
}

inline std::filesystem::path OptunaDatabase(const std::string& name) {
  return SharedFolder() / "fixtures/optuna_db" / name;
}

}  // namespace yoake::studies
