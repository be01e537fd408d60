#pragma once

#include <string>
#include <vector>

namespace yoake::studies {

struct StoreFinding {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  std::string kind;     // "orphan_rows", "numbers", ..: for programs.
  std::string message;  // What is wrong and where.
  std::string mend;     // What to do.
};

// Looks at everything in a store that its programs rely on: the file (SQLite), the schema, numbers, labels,
// JSON texts, parameters inside their distributions, values that fit the states, rows without an owner.
// Changes nothing. Throws Error{kUsage} when there is no such store; one that cannot be opened otherwise is a
// finding.
std::vector<StoreFinding> CheckStore(const std::string& url);

}  // namespace yoake::studies
