#include "studies/storage/sql.h"

namespace yoake::studies {

soci::statement& Sql::Prepared(const std::string& text) {
  std::unique_ptr<soci::statement>& statement = prepared_[text];
  if (statement == nullptr) {
    try {
      auto fresh = std::make_unique<soci::statement>(session_);
      fresh->alloc();
      fresh->prepare(text);
      statement = std::move(fresh);
    } catch (...) {
      prepared_.erase(text);
      throw;
    }
  }
  return *statement;
}

}  // namespace yoake::studies
