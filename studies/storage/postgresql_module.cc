#include "studies/storage/postgresql_module.h"

#include "core/module.h"

namespace yoake::studies {

const PostgresqlModule& Postgresql() {
  static const auto* const kModule = static_cast<const PostgresqlModule*>(
      LoadModule("libyoake_postgresql.so", "yoake_postgresql", "PostgreSQL"));
  return *kModule;
}

}  // namespace yoake::studies
