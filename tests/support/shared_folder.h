#pragma once

#include <cstdlib>
#include <filesystem>

namespace yoake {

// Real data and reference fixtures: $YOAKE_SHARED, else ../shared beside the source tree. Tests that need
// them skip when the folder is not there.
inline std::filesystem::path SharedFolder() {
  const char* named = std::getenv("YOAKE_SHARED");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(YOAKE_SOURCE_DIR) / ".." / "shared";
}

}  // namespace yoake
