#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace yoake::studies {

// A store's address, in the form of Optuna and SQLAlchemy:
//   sqlite:///relative.db     sqlite:////absolute/path.db     sqlite:///study.db?optuna_compat=3.1
//   postgresql://user:password@host:port/database     postgresql://user@host/database?sslmode=require
// What is left out of a PostgreSQL address libpq looks up as it always does (PGPASSWORD, ~/.pgpass, port
// 5432).
struct StoreUrl {
  enum class Engine { kSqlite, kPostgresql };

  std::string text;  // For messages: as given, without the password.
  Engine engine = Engine::kSqlite;
  std::filesystem::path file;                   // The SQLite file.
  std::map<std::string, std::string> conninfo;  // libpq's keywords: host, port, user, password, dbname, ..
  // "3.1": a fresh store gets the schema version and the local times that Optuna 3.1 (Debian 12) expects.
  // Empty: those of Optuna 3.2 and newer. On a store that exists it only has to agree.
  std::string optuna_compat;
};

// Throws Error{kUsage} that says what the right form is.
StoreUrl ParseStoreUrl(const std::string& url);

// `text` with "***" in place of every password in an address "scheme://user:password@..". For anything that
// is shown or kept: messages, logs, reports.
std::string WithoutPasswords(const std::string& text);

// The address of a store without its password, which libpq then takes from PGPASSWORD or ~/.pgpass.
std::string WithoutPassword(const std::string& url);

}  // namespace yoake::studies
