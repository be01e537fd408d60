#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace yoake {

// A script under tests/ as a command that takes arguments. Run by Debian's own Python: python3-torch and
// python3-optuna are its packages, whatever else stands first in PATH.
inline std::string PythonScript(const std::string& file) {
  return "/usr/bin/python3 -W ignore " YOAKE_SOURCE_DIR "/tests/" + file + " ";
}

// What a command that must succeed prints.
inline std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer;
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

}  // namespace yoake
