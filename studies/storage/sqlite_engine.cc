#include <fcntl.h>
#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "core/error.h"
#include "studies/storage/file_system.h"
#include "studies/storage/sql_engine.h"

namespace yoake::studies {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyTimeout_s = 30;

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
          "another process has kept the database locked for a long time; see which with `fuser {}`, end it "
          "if it hangs, and try again",
          file.string());
    case SQLITE_NOTADB:
      return "the file is not a SQLite database; give another file name or move this one away";
    case SQLITE_CORRUPT:
      return "the database is damaged (" + message +
             "); take a copy of it, look with `yoake storage check` and try `sqlite3 FILE .recover`";
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

// Why a kill -9 loses nothing that returned: SQLite runs in WAL mode with synchronous=NORMAL, so a commit has
// been written to the log file before it returns; the kernel keeps it whatever happens to the process, and
// the next one to open the file reads it. Only a power cut may take the last commits (never the file's
// integrity), and 30 reports a trial need no 30 fsyncs. Where the file cannot be switched to WAL it stays in
// SQLite's default mode with synchronous=FULL. WAL needs memory shared by all processes, which a network
// folder does not give: there the default mode is kept or taken again.
class SqliteEngine final : public SqlEngine {
 public:
  SqliteEngine(const StoreUrl& url, OpenMode mode)
      : SqlEngine(SqliteDialect()), file_(fs::absolute(url.file)) {
    CheckPlace(mode);
    network_ = NetworkFileSystem(file_.parent_path());
  }
  ~SqliteEngine() override {
    if (queue_ >= 0) close(queue_);
  }

  void Connect(soci::session& session) override {
    // A connection has one thread: its calls need no mutex, which would be a tenth of reading a history.
    // Refused once SQLite is in use in this process, when it stands already.
    static const int unlocked = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    (void)unlocked;
    session.open(soci::sqlite3, fmt::format("db=\"{}\" timeout={}", file_.string(), kBusyTimeout_s));
  }

  // Left until the first write, so that a reader changes nothing.
  void PrepareToWrite(Sql& sql) override {
    const std::string wanted = network_.empty() ? "wal" : "delete";
    std::string mode;
    try {
      sql.Run("PRAGMA journal_mode=" + wanted, soci::into(mode));
    } catch (const soci::soci_error&) {
      mode = "busy";  // Somebody else is reading or switching it; the mode it has will do.
    }
    sql.Run(mode == "wal" ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
    if (!network_.empty() && mode == "wal") {
      throw Error(ErrorKind::kStorage,
                  "the database is on a network folder (" + network_ +
                      ") and in use in WAL mode, which destroys it there; end the other processes first, or "
                      "move it to a local disk");
    }
  }

  // SQLite's writers look for the lock again and again, at pauses of up to 0.1 s, and among many busy ones
  // the unlucky one can miss it for half a minute. The kernel's queue behind flock(2) wakes one that waits.
  // It is the folder's: closing another descriptor of the file itself would end SQLite's own locks on it.
  // Other programs (Optuna) do without the queue.
  void Queue() override {
    if (!network_.empty()) return;
    if (queue_ < 0) queue_ = open(file_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (queue_ >= 0 && flock(queue_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  void Leave() override {
    if (queue_ >= 0) flock(queue_, LOCK_UN);
  }

  SqlFault Judge(const soci::soci_error& error) const override {
    const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    if (sqlite == nullptr) return {SqlFault::Kind::kFinal, error.what()};
    const int code = sqlite->result() & 0xff;
    const bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    return {busy ? SqlFault::Kind::kTryAgain : SqlFault::Kind::kFinal, Explain(code, Words(error), file_)};
  }

  std::string Warning() const override {
    if (network_.empty()) return "";
    return fmt::format(
        "the store {} is on a network folder ({}): SQLite is slow there, and safe only while the file "
        "server's "
        "locks work; a local disk or PostgreSQL is better",
        file_.string(), network_);
  }

 private:
  void CheckPlace(OpenMode mode) const {
    const auto fail = [](const std::string& message) { throw Error(ErrorKind::kUsage, message); };
    std::error_code ignored;
    if (fs::is_directory(file_, ignored)) {
      fail("that is a folder; name a file in it, such as " + (file_ / "study.db").string());
    }
    if (!fs::is_directory(file_.parent_path(), ignored)) {
      fail("there is no folder " + file_.parent_path().string() + "; create it first");
    }
    if (mode == OpenMode::kExisting && !fs::exists(file_, ignored)) {
      fail("there is no file " + file_.string() +
           "; check the address (`study run` and the first `ask` of a study make it)");
    }
  }

  fs::path file_;
  std::string network_;
  int queue_ = -1;
};

}  // namespace

std::unique_ptr<SqlEngine> MakeSqliteEngine(const StoreUrl& url, OpenMode mode) {
  return std::make_unique<SqliteEngine>(url, mode);
}

}  // namespace yoake::studies
