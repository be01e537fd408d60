#pragma once

#include <string>

namespace yoake::studies {

struct Upgrade {
  std::string from, to;  // alembic versions; equal when there was nothing to do.
};

// Brings a store of Optuna 3.1 to the schema of Optuna 3.2 to 5, as `optuna storage upgrade` does, in one
// transaction. Throws Error{kStorage} for any other version, saying what to do.
Upgrade UpgradeStore(const std::string& url);

}  // namespace yoake::studies
