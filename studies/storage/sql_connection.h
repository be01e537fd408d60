#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "studies/storage/sql.h"
#include "studies/storage/sql_engine.h"
#include "studies/storage/storage.h"
#include "studies/storage/store_url.h"
#include "studies/storage/timestamp.h"

namespace yoake::studies {

// An open database with Optuna's schema: transactions that are repeated where that helps, and SOCI's
// exceptions turned into Error{kStorage}.
class SqlConnection {
 public:
  enum class Versions { kKnown, kAny };

  // Creates or checks the schema; kAny: whatever its version. Throws as OpenStorage says.
  SqlConnection(StoreUrl url, OpenMode mode, Versions versions = Versions::kKnown);

  const SqlDialect& dialect() const { return engine_->dialect(); }
  Clock clock() const { return clock_; }
  std::string Warning() const { return engine_->Warning(); }

  // Runs `work(Sql&)` in one transaction and returns its result; any exception undoes it, and an Error
  // without a place gets the store's. The work may run several times: another process was in the way, or the
  // server went away for up to ten minutes. Its effects in the store happen once; what it does outside must
  // not add up.
  template <typename Work>
  auto Read(Work work) {
    return Transact(/*writes=*/false, work);
  }
  template <typename Work>
  auto Write(Work work) {
    return Transact(/*writes=*/true, work);
  }

 private:
  template <typename Work>
  auto Transact(bool writes, Work& work) {
    using Result = std::invoke_result_t<Work&, Sql&>;
    if constexpr (std::is_void_v<Result>) {
      RunTransaction(writes, [&] { work(sql_); });
    } else {
      Result result{};
      RunTransaction(writes, [&] { result = work(sql_); });
      return result;
    }
  }

  void RunTransaction(bool writes, const std::function<void()>& work);
  void TryTransaction(bool writes, const std::function<void()>& work);
  bool Reconnect();
  void RollBack();
  [[noreturn]] void Fail(const SqlFault& fault) const;
  void CreateSchema();
  void CheckVersion(Versions versions);
  std::vector<std::string> TableNames();

  StoreUrl url_;
  std::unique_ptr<SqlEngine> engine_;
  Clock clock_ = Clock::kUtc;
  bool ready_to_write_ = false;
  std::string in_doubt_;  // The transaction whose COMMIT has not been answered.
  soci::session session_;
  Sql sql_{session_};
};

}  // namespace yoake::studies
