#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "studies/storage/soci.h"

namespace yoake::studies {

// Primary keys of Optuna's tables.
using RowId = long long;

// Runs statements on a session, each text prepared once and kept: a report costs no parsing, and no round
// trip to a server more than it needs. Values and targets are passed in their order in the text, as
// soci::use(x) and soci::into(y). Throws soci::soci_error. Borrows the session.
class Sql {
 public:
  explicit Sql(soci::session& session) : session_(session) {}

  // Runs a statement that gives at most one row; true when there was one, which `into` targets then hold.
  template <typename... Exchanges>
  bool Run(const std::string& text, Exchanges&&... exchanges) {
    bool any = false;
    Execute(
        text,
        [&](soci::statement& statement, bool row) {
          for (any = row; row;) row = statement.fetch();  // To its end, which lets go of its locks.
        },
        std::forward<Exchanges>(exchanges)...);
    return any;
  }

  // Calls on_row() for every row, which `into` targets then hold. on_row must not run the same text.
  template <typename OnRow, typename... Exchanges>
  void ForEach(const std::string& text, OnRow on_row, Exchanges&&... exchanges) {
    Execute(
        text,
        [&](soci::statement& statement, bool row) {
          for (; row; row = statement.fetch()) on_row();
        },
        std::forward<Exchanges>(exchanges)...);
  }

  // Forgets what was prepared: before a lost connection is opened again.
  void Clear() { prepared_.clear(); }

 private:
  template <typename Consume, typename... Exchanges>
  void Execute(const std::string& text, const Consume& consume, Exchanges&&... exchanges) {
    soci::statement& statement = Prepared(text);
    try {
      (statement.exchange(exchanges), ...);
      statement.define_and_bind();
      consume(statement, statement.execute(true));
      statement.bind_clean_up();
    } catch (...) {
      prepared_.erase(text);  // What it is bound to is about to vanish.
      throw;
    }
  }

  soci::statement& Prepared(const std::string& text);

  soci::session& session_;
  std::unordered_map<std::string, std::unique_ptr<soci::statement>> prepared_;
};

}  // namespace yoake::studies
