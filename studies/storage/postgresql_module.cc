#include "studies/storage/postgresql_module.h"

#include <dlfcn.h>

#include <string>

#include "core/error.h"

namespace yoake::studies {
namespace {

// It lies beside the programs (run path $ORIGIN).
const PostgresqlModule& Load() {
  void* const module = ::dlopen("libyoake_postgresql.so", RTLD_NOW | RTLD_LOCAL);
  const void* const table = module == nullptr ? nullptr : ::dlsym(module, "yoake_postgresql");
  if (table != nullptr) return *static_cast<const PostgresqlModule*>(table);
  const char* const reason = ::dlerror();
  throw Error(ErrorKind::kInternal, std::string("the module for PostgreSQL cannot be loaded: ") +
                                        (reason == nullptr ? "" : reason) +
                                        "; it should lie beside the yoake program");
}

}  // namespace

const PostgresqlModule& Postgresql() {
  static const PostgresqlModule& module = Load();
  return module;
}

}  // namespace yoake::studies
