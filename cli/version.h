#pragma once

#include <string>

namespace yoake::cli {

// "yoake 0.1.0 (3f2a91c)": version and, when built from a git checkout, the commit.
std::string VersionText();

}  // namespace yoake::cli
