#pragma once

#include <string>

namespace yoake::studies {

// Where SQLite and PostgreSQL differ in the statements of SqlStorage; everything else is one text for both.
struct SqlDialect {
  // Starts a transaction that will write. SQLite takes the write lock at once: a transaction that began by
  // reading could otherwise not be upgraded when another one has written in between.
  std::string begin_write;
  // Behind the SELECT of a study's row: trials are numbered one process at a time. SQLite's one writer at a
  // time needs nothing here.
  std::string lock_row;
  // Casts of text parameters to what the columns of a typed schema want; empty for SQLite.
  std::string to_direction, to_state, to_value_type, to_step_type, to_timestamp;
};

inline SqlDialect SqliteDialect() { return {"BEGIN IMMEDIATE", "", "", "", "", "", ""}; }

}  // namespace yoake::studies
