#pragma once

#include <memory>

#include "studies/storage/sql_engine.h"

namespace yoake::studies {

// PostgreSQL's client lies in a module of its own (libyoake_postgresql.so), which is loaded at the first
// "postgresql://": with it come two dozen shared libraries (TLS, Kerberos, LDAP) that would double the start
// of every `yoake ask` on SQLite. What the module exports:
struct PostgresqlModule {
  std::unique_ptr<SqlEngine> (*make)(const StoreUrl& url);
};

// Throws Error{kInternal} when the module does not lie beside the program.
const PostgresqlModule& Postgresql();

}  // namespace yoake::studies
