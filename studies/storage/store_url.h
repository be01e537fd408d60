#pragma once

#include <filesystem>
#include <string>

namespace yoake::studies {

// A store's address, in the form of Optuna and SQLAlchemy:
//   sqlite:///relative.db     sqlite:////absolute/path.db     sqlite:///study.db?optuna_compat=3.1
struct StoreUrl {
  std::string text;            // As given, for messages.
  std::filesystem::path file;  // The SQLite file.
  // "3.1": a fresh store gets the schema version and the local times that Optuna 3.1 (Debian 12) expects.
  // Empty: those of Optuna 3.2 and newer. On a store that exists it only has to agree.
  std::string optuna_compat;
};

// Throws Error{kUsage} that says what the right form is, also for postgresql:// which is not built in yet.
StoreUrl ParseStoreUrl(const std::string& url);

}  // namespace yoake::studies
