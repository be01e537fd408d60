#include "studies/storage/sql_connection.h"

#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "studies/storage/schema_sqlite.h"

namespace yoake::studies {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyTimeout_s = 30;
constexpr int kSchemaVersion = 12;
constexpr std::string_view kCurrentAlembic = "v3.2.0.a";   // Optuna 3.2 to 5.
constexpr std::string_view kOptuna31Alembic = "v3.0.0.d";  // Optuna 3.1: one index less, else the same.

// What a reader of version_info should think of a store of ours: Optuna 5's schema and UTC times.
constexpr std::string_view kLibraryVersion = "5.0.0+yoake";
constexpr std::string_view kOptuna31LibraryVersion = "3.1.0+yoake";

// SQLite's own words without SOCI's function name ahead of them.
std::string Words(const soci::soci_error& error) {
  const std::string message = error.get_error_message();
  const auto prefix = message.find(": ");
  return message.starts_with("sqlite3_") && prefix != std::string::npos ? message.substr(prefix + 2)
                                                                        : message;
}

std::string Explain(int sqlite_code, const std::string& message, const fs::path& file) {
  switch (sqlite_code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format(
          "another process has kept the database locked for {} s; see which with `fuser {}`, end it if it "
          "hangs, and "
          "try again",
          kBusyTimeout_s, file.string());
    case SQLITE_NOTADB:
      return "the file is not a SQLite database; give another file name or move this one away";
    case SQLITE_CORRUPT:
      return "the database is damaged (" + message + "); take a copy of it and try `sqlite3 FILE .recover`";
    case SQLITE_FULL:
      return "the disk is full; what was stored before is safe: free some space in " +
             file.parent_path().string() + " and run again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "no permission to write the file or its folder (" + message +
             "); SQLite needs both, as it keeps a log beside the file";
    case SQLITE_IOERR:
      return "reading or writing failed (" + message + "); is the disk full or a network folder gone?";
    default:
      return message;
  }
}

void CheckPlace(const StoreUrl& url, OpenMode mode) {
  const auto fail = [&](ErrorKind kind, const std::string& message) {
    throw Error(kind, message, "storage " + url.text);
  };
  std::error_code ignored;
  if (fs::is_directory(url.file, ignored)) {
    fail(ErrorKind::kUsage,
         "that is a folder; name a file in it, such as " + (url.file / "study.db").string());
  }
  if (!fs::is_directory(url.file.parent_path(), ignored)) {
    fail(ErrorKind::kUsage, "there is no folder " + url.file.parent_path().string() + "; create it first");
  }
  if (mode == OpenMode::kExisting && !fs::exists(url.file, ignored)) {
    fail(ErrorKind::kUsage, "there is no file " + url.file.string() +
                                "; check the address (`study run` and the first `ask` of a study make it)");
  }
}

std::vector<std::string> TableNames(soci::session& sql) {
  std::vector<std::string> names;
  std::string name;
  soci::statement statement =
      (sql.prepare << "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", soci::into(name));
  statement.execute();
  while (statement.fetch()) names.push_back(name);
  return names;
}

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

SqlConnection::SqlConnection(StoreUrl url, OpenMode mode) : url_(std::move(url)), dialect_(SqliteDialect()) {
  url_.file = fs::absolute(url_.file);
  CheckPlace(url_, mode);
  Translated([&] {
    session_.open(soci::sqlite3, fmt::format("db=\"{}\" timeout={}", url_.file.string(), kBusyTimeout_s));
  });
  const bool fresh = Read([](soci::session& sql) { return TableNames(sql).empty(); });
  if (fresh) CreateSchema();
  CheckVersion();
}

void SqlConnection::RunTransaction(const std::string& begin, const std::function<void()>& work) {
  Translated([&] {
    session_ << begin;
    try {
      work();
      session_ << "COMMIT";
    } catch (...) {
      try {
        session_ << "ROLLBACK";
      } catch (const soci::soci_error&) {
        // SQLite has rolled back by itself already (full disk): there is nothing left to undo.
      }
      throw;
    }
  });
}

void SqlConnection::Translated(const std::function<void()>& work) {
  try {
    work();
  } catch (const soci::sqlite3_soci_error& error) {
    throw Error(ErrorKind::kStorage, Explain(error.result() & 0xff, Words(error), url_.file),
                "storage " + url_.text);
  } catch (const soci::soci_error& error) {
    throw Error(ErrorKind::kStorage, error.what(), "storage " + url_.text);
  }
}

// Left until the first write, so that a reader changes nothing.
void SqlConnection::PrepareToWrite() {
  if (ready_to_write_) return;
  std::string mode;
  try {
    session_ << "PRAGMA journal_mode=WAL", soci::into(mode);
  } catch (const soci::soci_error&) {
    mode = "busy";  // Somebody else is reading or switching it; the mode it has will do.
  }
  Translated([&] { session_ << (mode == "wal" ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL"); });
  ready_to_write_ = true;
}

void SqlConnection::CreateSchema() {
  Write([&](soci::session& sql) {
    if (!TableNames(sql).empty()) return;  // Another process was faster.
    for (std::size_t begin = 0; begin < kSchemaSqlite.size();) {
      const auto end = std::min(kSchemaSqlite.find(";\n", begin), kSchemaSqlite.size());
      sql << std::string(kSchemaSqlite.substr(begin, end - begin));
      begin = end + 2;
    }
    const bool for_31 = url_.optuna_compat == "3.1";
    const std::string alembic(for_31 ? kOptuna31Alembic : kCurrentAlembic);
    const std::string library(for_31 ? kOptuna31LibraryVersion : kLibraryVersion);
    sql << "INSERT INTO version_info (version_info_id, schema_version, library_version) VALUES (1, :schema, "
           ":library)",
        soci::use(kSchemaVersion), soci::use(library);
    sql << "INSERT INTO alembic_version (version_num) VALUES (:alembic)", soci::use(alembic);
  });
}

void SqlConnection::CheckVersion() {
  const auto fail = [&](const std::string& message) {
    throw Error(ErrorKind::kStorage, message, "storage " + url_.text);
  };
  Read([&](soci::session& sql) {
    const std::vector<std::string> tables = TableNames(sql);
    for (const std::string_view table : {"alembic_version", "version_info", "studies", "trials"}) {
      if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
        fail(fmt::format(
            "a SQLite database, but no study store: it lacks the table {} and has {}; give another file",
            table, Listed(tables)));
      }
    }
    std::string alembic;
    std::string library;
    int schema = 0;
    sql << "SELECT version_num FROM alembic_version", soci::into(alembic);
    sql << "SELECT schema_version, library_version FROM version_info", soci::into(schema),
        soci::into(library);
    clock_ = ClockOf(library);
    const bool known =
        schema == kSchemaVersion && (alembic == kCurrentAlembic || alembic == kOptuna31Alembic);
    if (!known) {
      const std::string found = fmt::format(
          "the store has schema version '{}' (made by Optuna {}), known are {} "
          "(Optuna 3.2 to 5) and {} (Optuna 3.1); ",
          alembic, library, kCurrentAlembic, kOptuna31Alembic);
      fail(found + (alembic < kCurrentAlembic
                        ? "run `optuna storage upgrade --storage URL` with Optuna 3.2 or newer"
                        : "it is newer than this yoake: use a newer yoake"));
    }
    if (!url_.optuna_compat.empty() && alembic != kOptuna31Alembic) {
      fail(
          "optuna_compat=3.1 is for a fresh store; this one is in the form of Optuna 3.2 to 5: leave the "
          "option out");
    }
  });
}

}  // namespace yoake::studies
