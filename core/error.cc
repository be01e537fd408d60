#include "core/error.h"

#include <utility>

namespace yoake {

Error::Error(ErrorKind kind, std::string message, std::string where)
    : kind_(kind), message_(std::move(message)), where_(std::move(where)) {
  text_ = where_.empty() ? message_ : where_ + ": " + message_;
}

int ExitCode(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
    case ErrorKind::kConfig:
    case ErrorKind::kData:
      return 2;
    case ErrorKind::kStorage:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      return 1;
  }
  return 1;
}

}  // namespace yoake
