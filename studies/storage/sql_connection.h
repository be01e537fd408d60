#pragma once

#include <functional>
#include <string>
#include <type_traits>

#include "studies/storage/soci.h"
#include "studies/storage/sql_dialect.h"
#include "studies/storage/storage.h"
#include "studies/storage/store_url.h"
#include "studies/storage/timestamp.h"

namespace yoake::studies {

// An open database with Optuna's schema: transactions, and SOCI's exceptions turned into Error{kStorage}.
//
// Why a kill -9 loses nothing that returned: SQLite runs in WAL mode with synchronous=NORMAL, so a commit has
// been written to the log file before it returns; the kernel keeps it whatever happens to the process, and
// the next one to open the file reads it. Only a power cut may take the last commits (never the file's
// integrity), and 30 reports a trial need no 30 fsyncs. Where the file cannot be switched to WAL it stays in
// SQLite's default mode with synchronous=FULL.
class SqlConnection {
 public:
  // Creates or checks the schema. Throws as OpenStorage says.
  SqlConnection(StoreUrl url, OpenMode mode);

  const std::string& url() const { return url_.text; }
  const SqlDialect& dialect() const { return dialect_; }
  Clock clock() const { return clock_; }

  // Runs `work(session)` in one transaction and returns its result; any exception rolls it back.
  template <typename Work>
  auto Read(Work work) {
    return Transact("BEGIN", work);
  }
  template <typename Work>
  auto Write(Work work) {
    PrepareToWrite();
    return Transact(dialect_.begin_write, work);
  }

 private:
  template <typename Work>
  auto Transact(const std::string& begin, Work& work) {
    using Result = std::invoke_result_t<Work&, soci::session&>;
    if constexpr (std::is_void_v<Result>) {
      RunTransaction(begin, [&] { work(session_); });
    } else {
      Result result{};
      RunTransaction(begin, [&] { result = work(session_); });
      return result;
    }
  }

  void RunTransaction(const std::string& begin, const std::function<void()>& work);
  void Translated(const std::function<void()>& work);
  void PrepareToWrite();
  void CreateSchema();
  void CheckVersion();

  StoreUrl url_;
  SqlDialect dialect_;
  Clock clock_ = Clock::kUtc;
  bool ready_to_write_ = false;
  soci::session session_;
};

}  // namespace yoake::studies
