#include "search/option_checks.h"

#include <fmt/format.h>

namespace yoake::search {

void RequireAtLeast(const char* field, int value, int least) {
  if (value >= least) return;
  throw Error(ErrorKind::kConfig, fmt::format("'{}' must be at least {}, it is {}", field, least, value));
}

void RequireAbove(const char* field, double value, double bound) {
  if (value > bound) return;
  throw Error(ErrorKind::kConfig, fmt::format("'{}' must be above {}, it is {}", field, bound, value));
}

void RequireWithin(const char* field, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw Error(ErrorKind::kConfig,
              fmt::format("'{}' must lie between {} and {}, it is {}", field, low, high, value));
}

}  // namespace yoake::search
