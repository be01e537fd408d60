#pragma once

#include <string_view>

namespace yoake::studies {

// Optuna's schema for each engine (alembic v3.2.0.a, written by Optuna 3.2 to 5), statements separated by
// ";\n". Embedded at build time from schema_*.sql: no file is needed at run time.
extern const std::string_view kSchemaSqlite;
extern const std::string_view kSchemaPostgresql;

}  // namespace yoake::studies
