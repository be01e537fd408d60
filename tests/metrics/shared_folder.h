#pragma once

#include <cstdlib>
#include <filesystem>

namespace yoake::metrics {

// Reference data beside the checkout; tests that need it skip when it is not there.
inline std::filesystem::path SharedFolder() {
  const char* named = std::getenv("YOAKE_SHARED");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(YOAKE_SOURCE_DIR) / ".." / "shared";
}

}  // namespace yoake::metrics
