#pragma once

#include <memory>
#include <string>

#include "studies/storage/soci.h"
#include "studies/storage/sql.h"
#include "studies/storage/sql_dialect.h"
#include "studies/storage/storage.h"
#include "studies/storage/store_url.h"

namespace yoake::studies {

// What a refused statement means for the transaction it was part of.
struct SqlFault {
  enum class Kind {
    kFinal,           // Doing it again gives the same.
    kTryAgain,        // Another process was in the way: the transaction is undone, the same again may work.
    kConnectionLost,  // The server is gone, perhaps for a moment.
  };
  Kind kind = Kind::kFinal;
  std::string message;  // For people: what is wrong and what to do. Never holds a password.
};

// What is particular to SQLite or PostgreSQL beyond the text of statements.
class SqlEngine {
 public:
  explicit SqlEngine(SqlDialect dialect) : dialect_(std::move(dialect)) {}
  virtual ~SqlEngine() = default;

  const SqlDialect& dialect() const { return dialect_; }

  // Opens the session. Throws Error for a place where no store can be, soci::soci_error when it is refused.
  virtual void Connect(soci::session& session) = 0;

  // Called once before the first transaction that writes, outside of any.
  virtual void PrepareToWrite(Sql&) {}

  // Around every transaction that writes, however it ends: takes a place in a queue where the database itself
  // has none.
  virtual void Queue() {}
  virtual void Leave() {}

  virtual SqlFault Judge(const soci::soci_error& error) const = 0;

  // A connection can be lost between COMMIT and its answer. TransactionName, asked just before COMMIT, lets
  // HasCommitted find out on a new connection what became of it; empty where there is no such doubt.
  virtual std::string TransactionName(Sql&) { return ""; }
  virtual bool HasCommitted(Sql&, const std::string& /*transaction*/) { return false; }

  // What may make results worse or slower at this place, for people; empty when all is well.
  virtual std::string Warning() const { return ""; }

 private:
  SqlDialect dialect_;
};

// PostgreSQL's is made by postgresql_module.h.
std::unique_ptr<SqlEngine> MakeSqliteEngine(const StoreUrl& url, OpenMode mode);

}  // namespace yoake::studies
