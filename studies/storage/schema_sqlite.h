#pragma once

#include <string_view>

namespace yoake::studies {

// Optuna's SQLite schema (alembic v3.2.0.a, written by Optuna 3.2 to 5), statements separated by ";\n".
// Embedded at build time from schema_sqlite.sql: no file is needed at run time.
extern const std::string_view kSchemaSqlite;

}  // namespace yoake::studies
