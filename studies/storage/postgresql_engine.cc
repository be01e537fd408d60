#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>

#include <chrono>
#include <thread>

#include "studies/storage/postgresql_module.h"
#include "studies/storage/sql_engine.h"

namespace yoake::studies {
namespace {

// A value of libpq's "keyword='value'" form.
std::string Quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

bool Has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

class PostgresqlEngine final : public SqlEngine {
 public:
  explicit PostgresqlEngine(const StoreUrl& url) : SqlEngine(PostgresqlDialect()), conninfo_(url.conninfo) {
    conninfo_.emplace("connect_timeout", "10");
    conninfo_.emplace("application_name", "yoake");
    conninfo_["client_encoding"] = "UTF8";
  }

  void Connect(soci::session& session) override {
    std::string text;
    for (const auto& [key, value] : conninfo_) text += key + "=" + Quoted(value) + " ";
    session.open(soci::postgresql, text);
    session << "SET client_min_messages = warning";
  }

  // https://www.postgresql.org/docs/15/errcodes-appendix.html; libpq's own failures have no code.
  SqlFault Judge(const soci::soci_error& error) const override {
    const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    if (postgresql == nullptr) {  // SOCI has no code for a connection that was never made.
      const std::string message = error.what();
      if (!Has(message, "establish connection")) return {SqlFault::Kind::kFinal, message};
      return {SqlFault::Kind::kConnectionLost, ExplainConnection(message)};
    }
    const std::string state = postgresql->sqlstate();
    const std::string message = error.get_error_message();
    const bool no_state = state.find_first_not_of(' ') == std::string::npos;
    if (no_state || state.starts_with("08") || state.starts_with("57P")) {
      return {SqlFault::Kind::kConnectionLost, ExplainConnection(message)};
    }
    // Serialization failure, deadlock, lock not available, two that made the same row at once.
    if (state == "40001" || state == "40P01" || state == "55P03" || state == "23505") {
      return {SqlFault::Kind::kTryAgain, message};
    }
    return {SqlFault::Kind::kFinal, Explain(state, message)};
  }

  std::string TransactionName(Sql& sql) override {
    std::string name;
    sql.Run("SELECT txid_current()", soci::into(name));
    return name;
  }

  // Not seen yet and not told apart: after such a crash another client may take the number, and commit it,
  // before this one asks.
  bool HasCommitted(Sql& sql, const std::string& transaction) override {
    constexpr auto kPause = std::chrono::milliseconds(20);
    constexpr char kInvalidParameter[] = "22023";
    while (true) {
      std::string status;
      soci::indicator known = soci::i_ok;
      try {
        sql.Run("SELECT txid_status(:transaction)", soci::use(transaction), soci::into(status, known));
      } catch (const soci::postgresql_soci_error& error) {
        // "is in the future": the server crashed and has forgotten the number with the transaction.
        if (std::string(error.sqlstate()) == kInvalidParameter) return false;
        throw;
      }
      if (known == soci::i_null || status != "in progress") return status == "committed";
      std::this_thread::sleep_for(kPause);
    }
  }

 private:
  std::string Part(const char* key, const char* otherwise) const {
    const auto found = conninfo_.find(key);
    return found == conninfo_.end() ? otherwise : found->second;
  }

  std::string ExplainConnection(const std::string& message) const {
    const std::string place = Part("host", "localhost") + ":" + Part("port", "5432");
    const std::string user = Part("user", "(none given)");
    if (Has(message, "password authentication failed") || Has(message, "no password supplied")) {
      return "the server at " + place + " refuses the password of user '" + user +
             "'; give it in the address, in PGPASSWORD or in ~/.pgpass";
    }
    if (Has(message, "database") && Has(message, "does not exist")) {
      return "the server at " + place + " has no database '" + Part("dbname", "") +
             "'; make it with `createdb -h " + Part("host", "localhost") + " -U " + user + " " +
             Part("dbname", "") + "`";
    }
    if (Has(message, "role") && Has(message, "does not exist")) {
      return "the server at " + place + " knows no user '" + user + "'; check the address";
    }
    if (Has(message, "Connection refused") || Has(message, "translate host name") ||
        Has(message, "timeout expired") || Has(message, "No route")) {
      return "no PostgreSQL server answers at " + place + "; is it running, and are host and port right?";
    }
    return "the connection to the server at " + place + " failed: " + message;
  }

  static std::string Explain(const std::string& state, const std::string& message) {
    if (state == "42501") {
      return "the database's user may not do that (" + message +
             "); ask for the right to create and write tables";
    }
    if (state.starts_with("53")) return "the server is out of disk, memory or connections: " + message;
    if (state.starts_with("XX")) return "the server says that the database is damaged: " + message;
    return message;
  }

  std::map<std::string, std::string> conninfo_;
};

}  // namespace
}  // namespace yoake::studies

extern "C" {
extern const yoake::studies::PostgresqlModule yoake_postgresql;
const yoake::studies::PostgresqlModule yoake_postgresql = {
    [](const yoake::studies::StoreUrl& url) -> std::unique_ptr<yoake::studies::SqlEngine> {
      return std::make_unique<yoake::studies::PostgresqlEngine>(url);
    }};
}
