#include "studies/trainer_program.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.h"

namespace yoake::studies {
namespace {

namespace fs = std::filesystem;

constexpr char kName[] = "yoake-trainer";

std::vector<fs::path> Places() {
  std::vector<fs::path> places;
  std::error_code ignored;
  const fs::path self = fs::read_symlink("/proc/self/exe", ignored);
  if (!self.empty()) places.push_back(self.parent_path() / kName);
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!folder.empty()) places.push_back(fs::path(folder) / kName);
  }
  return places;
}

bool IsProgram(const fs::path& path) {
  return fs::is_regular_file(path) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

fs::path FindTrainer() {
  if (const char* named = std::getenv("YOAKE_TRAINER"); named != nullptr && *named != '\0') {
    if (IsProgram(named)) return named;
    throw Error(ErrorKind::kConfig, "YOAKE_TRAINER is no program that can be run", named);
  }
  const std::vector<fs::path> places = Places();
  for (const fs::path& place : places) {
    if (IsProgram(place)) return place;
  }
  throw Error(ErrorKind::kConfig, "there is no yoake-trainer beside this program (" +
                                      (places.empty() ? std::string("?") : places.front().string()) +
                                      ") nor on PATH; build it with `make`, or name it in YOAKE_TRAINER");
}

}  // namespace yoake::studies
