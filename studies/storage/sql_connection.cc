#include "studies/storage/sql_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "studies/storage/backoff.h"
#include "studies/storage/postgresql_module.h"
#include "studies/storage/schema_version.h"

namespace yoake::studies {
namespace {

constexpr double kBusyPatience_s = 120;  // SQLite itself waits 30 s each time.
constexpr double kLongestBusyPause_s = 0.25;
constexpr double kLostPatience_s = 600;
constexpr double kLongestLostPause_s = 5;

std::unique_ptr<SqlEngine> MakeEngine(const StoreUrl& url, OpenMode mode) {
  return url.engine == StoreUrl::Engine::kPostgresql ? Postgresql().make(url) : MakeSqliteEngine(url, mode);
}

// A place in the engine's queue of writers.
class Place {
 public:
  explicit Place(SqlEngine* engine) : engine_(engine) {
    if (engine_ != nullptr) engine_->Queue();
  }
  ~Place() {
    if (engine_ != nullptr) engine_->Leave();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  SqlEngine* engine_;
};

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

SqlConnection::SqlConnection(StoreUrl url, OpenMode mode, Versions versions) : url_(std::move(url)) {
  try {
    engine_ = MakeEngine(url_, mode);
    engine_->Connect(session_);
  } catch (const soci::soci_error& error) {
    Fail(engine_->Judge(error));
  } catch (const Error& error) {
    throw Error(error.kind(), error.message(), "storage " + url_.text);
  }
  const bool fresh = Read([&](Sql&) { return TableNames().empty(); });
  if (fresh && mode == OpenMode::kExisting) {
    throw Error(
        ErrorKind::kUsage,
        "the database is empty; check the address (`study run` and the first `ask` of a study fill it)",
        "storage " + url_.text);
  }
  if (fresh) CreateSchema();
  CheckVersion(versions);
}

void SqlConnection::RunTransaction(bool writes, const std::function<void()>& work) {
  std::optional<Backoff> busy;
  std::optional<Backoff> lost;
  while (true) {
    try {
      return TryTransaction(writes, work);
    } catch (const soci::soci_error& error) {
      const SqlFault fault = engine_->Judge(error);
      std::optional<Backoff>& backoff = fault.kind == SqlFault::Kind::kConnectionLost ? lost : busy;
      if (!backoff) {
        backoff = fault.kind == SqlFault::Kind::kConnectionLost
                      ? Backoff(kLostPatience_s, kLongestLostPause_s)
                      : Backoff(kBusyPatience_s, kLongestBusyPause_s);
      }
      if (fault.kind == SqlFault::Kind::kFinal || !backoff->Pause()) Fail(fault);
      if (fault.kind != SqlFault::Kind::kConnectionLost) continue;
      while (!Reconnect()) {
        if (!backoff->Pause()) Fail(fault);
      }
    } catch (const Error& error) {
      if (!error.where().empty()) throw;
      throw Error(error.kind(), error.message(), "storage " + url_.text);
    }
  }
}

void SqlConnection::TryTransaction(bool writes, const std::function<void()>& work) {
  if (!in_doubt_.empty()) {
    const bool committed = engine_->HasCommitted(sql_, in_doubt_);
    in_doubt_.clear();
    if (committed) return;  // `work` has run to its end, only the answer was lost.
  }
  if (writes && !ready_to_write_) {
    engine_->PrepareToWrite(sql_);
    ready_to_write_ = true;
  }
  const Place place(writes ? engine_.get() : nullptr);
  sql_.Run(writes ? dialect().begin_write : dialect().begin_read);
  try {
    work();
    const std::string name = writes ? engine_->TransactionName(sql_) : "";
    in_doubt_ = name;
    sql_.Run("COMMIT");
    in_doubt_.clear();
  } catch (const soci::soci_error& error) {
    // Anything but a lost connection is an answer: the transaction has been refused.
    if (engine_->Judge(error).kind != SqlFault::Kind::kConnectionLost) in_doubt_.clear();
    RollBack();
    throw;
  } catch (...) {
    RollBack();
    throw;
  }
}

void SqlConnection::RollBack() {
  try {
    sql_.Run("ROLLBACK");
  } catch (const soci::soci_error&) {
    // Undone already: by SQLite itself (full disk) or with the lost connection.
  }
}

bool SqlConnection::Reconnect() {
  sql_.Clear();
  try {
    session_.close();
    engine_->Connect(session_);
    return true;
  } catch (const soci::soci_error&) {
    return false;
  }
}

void SqlConnection::Fail(const SqlFault& fault) const {
  throw Error(ErrorKind::kStorage, WithoutPasswords(fault.message), "storage " + url_.text);
}

// Inside a transaction.
std::vector<std::string> SqlConnection::TableNames() {
  std::vector<std::string> names;
  std::string name;
  sql_.ForEach(
      dialect().tables, [&] { names.push_back(name); }, soci::into(name));
  return names;
}

void SqlConnection::CreateSchema() {
  Write([&](Sql& sql) {
    if (!dialect().lock_schema.empty()) sql.Run(dialect().lock_schema);
    if (!TableNames().empty()) return;  // Another process was faster.
    const std::string_view schema = dialect().schema;
    for (std::size_t begin = 0; begin < schema.size();) {
      const auto end = std::min(schema.find(";\n", begin), schema.size());
      session_ << std::string(schema.substr(begin, end - begin));
      begin = end + 2;
    }
    const bool for_31 = url_.optuna_compat == "3.1";
    const std::string alembic(for_31 ? kOptuna31Alembic : kCurrentAlembic);
    const std::string library(for_31 ? kOptuna31LibraryVersion : kLibraryVersion);
    sql.Run(
        "INSERT INTO version_info (version_info_id, schema_version, library_version) VALUES (1, :schema, "
        ":library)",
        soci::use(kSchemaVersion), soci::use(library));
    sql.Run("INSERT INTO alembic_version (version_num) VALUES (:alembic)", soci::use(alembic));
  });
}

void SqlConnection::CheckVersion(Versions versions) {
  const auto fail = [](const std::string& message) { throw Error(ErrorKind::kStorage, message); };
  Read([&](Sql& sql) {
    const std::vector<std::string> tables = TableNames();
    for (const std::string_view table : {"alembic_version", "version_info", "studies", "trials"}) {
      if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
        fail(fmt::format("a database, but no study store: it lacks the table {} and has {}; give another one",
                         table, Listed(tables)));
      }
    }
    std::string alembic;
    std::string library;
    int schema = 0;
    sql.Run("SELECT version_num FROM alembic_version", soci::into(alembic));
    sql.Run("SELECT schema_version, library_version FROM version_info", soci::into(schema),
            soci::into(library));
    clock_ = ClockOf(library);
    const bool known =
        schema == kSchemaVersion && (alembic == kCurrentAlembic || alembic == kOptuna31Alembic);
    if (!known && versions == Versions::kKnown) {
      const std::string found = fmt::format(
          "the store has schema version '{}' (made by Optuna {}), known are {} "
          "(Optuna 3.2 to 5) and {} (Optuna 3.1); ",
          alembic, library, kCurrentAlembic, kOptuna31Alembic);
      fail(found + (alembic < kCurrentAlembic ? "take a copy and run `yoake storage upgrade --storage URL`"
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
