#include "cli/this_program.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/version.h"
#include "studies/storage/store_url.h"

namespace yoake::cli {
namespace {

std::string CommandLine() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string raw{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::string command, word;
  for (const char c : raw) {
    if (c != '\0') {
      word += c;
      continue;
    }
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n'\"$&|;<>()*?\\#`{}[]!~") == std::string::npos;
    if (command.empty()) word = std::filesystem::path(word).filename().string();
    command += (command.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
    word.clear();
  }
  return studies::WithoutPasswords(command);
}

}  // namespace

studies::Caller ThisProgram() { return {VersionText(), CommandLine()}; }

}  // namespace yoake::cli
