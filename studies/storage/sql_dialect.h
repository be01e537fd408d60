#pragma once

#include <string>
#include <string_view>

#include "studies/storage/schemas.h"

namespace yoake::studies {

// Where SQLite and PostgreSQL differ in their SQL; every other statement is one text for both.
struct SqlDialect {
  std::string_view schema;
  // A transaction that only reads sees the store at one moment. One that writes: SQLite takes the one write
  // lock at once (a transaction that began by reading could not be upgraded when another one has written in
  // between); PostgreSQL locks rows as they are read, see below.
  std::string begin_read, begin_write;
  // Behind a SELECT of rows that are about to change. `lock` waits for whoever holds them, `lock_free` passes
  // over rows that somebody else holds.
  std::string lock, lock_free;
  // One column: the names of the tables.
  std::string tables;
  // Seconds since trial_heartbeats.heartbeat, which holds CURRENT_TIMESTAMP as the database tells it.
  std::string heartbeat_age_s;
  // Serializes those who make the schema; empty where begin_write does.
  std::string lock_schema;
};

inline SqlDialect SqliteDialect() {
  return {.schema = kSchemaSqlite,
          .begin_read = "BEGIN",
          .begin_write = "BEGIN IMMEDIATE",
          .lock = "",
          .lock_free = "",
          .tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
          .heartbeat_age_s = "(strftime('%s', CURRENT_TIMESTAMP) - strftime('%s', heartbeat))",
          .lock_schema = ""};
}

inline SqlDialect PostgresqlDialect() {
  constexpr char kSchemaLock[] = "SELECT pg_advisory_xact_lock(1968465761)";  // Any number of our own.
  return {.schema = kSchemaPostgresql,
          .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
          .begin_write = "BEGIN",
          .lock = " FOR UPDATE",
          .lock_free = " FOR UPDATE SKIP LOCKED",
          .tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename",
          .heartbeat_age_s = "EXTRACT(EPOCH FROM LOCALTIMESTAMP - heartbeat)",
          .lock_schema = kSchemaLock};
}

}  // namespace yoake::studies
