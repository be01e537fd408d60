#pragma once

#include <filesystem>
#include <string>

#include "tests/support/scratch_folder.h"
#include "tests/support/shared_folder.h"

namespace yoake::studies {

// Holds the databases of one test.
class ScratchFolder : public yoake::ScratchFolder {
 public:
  std::string Url(const std::string& name = "study.db") const {
    return "sqlite:///" + (path() / name).string();
  }
};

inline std::filesystem::path OptunaDatabase(const std::string& name) {
  return SharedFolder() / "fixtures/optuna_db" / name;
}

}  // namespace yoake::studies
