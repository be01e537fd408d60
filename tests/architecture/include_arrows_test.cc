// Reads every #include of every room and fails on an arrow that the plan of the rooms does not have.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace yoake {
namespace {

namespace fs = std::filesystem;

struct Room {
  std::set<std::string> rooms;        // Rooms it may include besides itself.
  std::set<std::string> third_party;  // First folder or file of the third-party headers it may include.
};

const std::map<std::string, Room>& Rooms() {
  static const std::map<std::string, Room> rooms = {
      {"core", {{}, {"nlohmann", "fmt"}}},
      {"datasets", {{"core"}, {"nlohmann", "fmt", "opencv2", "pugixml.hpp", "yaml-cpp"}}},
      {"metrics", {{"core", "datasets"}, {"nlohmann", "fmt", "tbb"}}},
      {"search", {{"core"}, {"nlohmann", "fmt", "Eigen"}}},
      {"trainer",
       {{"core", "datasets", "metrics"},
        {"nlohmann", "fmt", "opencv2", "torch", "ATen", "c10", "caffe2", "cblas.h", "cuda_runtime_api.h",
         "CLI", "spdlog"}}},
      {"studies",
       {{"core", "datasets", "metrics", "search"}, {"nlohmann", "fmt", "soci", "spdlog", "sqlite3.h"}}},
      {"reports", {{"core", "datasets", "metrics", "search"}, {"nlohmann", "fmt", "opencv2"}}},
      {"cli",
       {{"core", "datasets", "metrics", "search", "studies", "reports"},
        {"nlohmann", "fmt", "CLI", "spdlog"}}},
  };
  return rooms;
}

struct Include {
  std::string room;
  std::string file;
  std::string target;
  bool quoted;
};

std::vector<Include> AllIncludes() {
  static const std::regex pattern(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  std::vector<Include> includes;
  for (const auto& [room, unused] : Rooms()) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(YOAKE_SOURCE_DIR) / room)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc" && extension != ".in") continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (!std::regex_search(line, match, pattern)) continue;
        includes.push_back(
            {room, fs::relative(entry.path(), YOAKE_SOURCE_DIR).string(), match[2], match[1] == "\""});
      }
    }
  }
  return includes;
}

std::string FirstStep(const std::string& path) { return path.substr(0, path.find('/')); }

// C and POSIX headers and the standard library: no folder but sys/, or no extension at all.
bool IsSystemHeader(const std::string& target) {
  static const std::set<std::string> posix = {
      "fcntl.h", "unistd.h", "poll.h",      "signal.h",    "spawn.h",       "dlfcn.h", "time.h",
      "errno.h", "sched.h",  "immintrin.h", "emmintrin.h", "linux/pidfd.h", "malloc.h"};
  return FirstStep(target) == "sys" || posix.contains(target) ||
         (target.find('/') == std::string::npos && target.find('.') == std::string::npos);
}

TEST(IncludeArrowsTest, ARoomIncludesOnlyWhatThePlanAllows) {
  std::set<std::string> rooms_seen;
  for (const Include& include : AllIncludes()) {
    const Room& room = Rooms().at(include.room);
    rooms_seen.insert(include.room);
    const std::string first = FirstStep(include.target);
    const std::string arrow = include.file + " includes " + include.target;
    if (Rooms().contains(first)) {
      EXPECT_TRUE(first == include.room || room.rooms.contains(first)) << arrow << ": a forbidden arrow";
      EXPECT_TRUE(include.quoted) << arrow << ": our own headers stand in quotes";
    } else if (!IsSystemHeader(include.target)) {
      EXPECT_TRUE(room.third_party.contains(first)) << arrow << ": not a library of this room";
    }
  }
  EXPECT_EQ(rooms_seen.size(), Rooms().size()) << "a room has no source: was the tree moved?";
}

TEST(IncludeArrowsTest, TorchStandsInTheTrainerAlone) {
  bool trainer_has_torch = false;
  for (const Include& include : AllIncludes()) {
    const std::string first = FirstStep(include.target);
    const bool torch = first == "torch" || first == "ATen" || first == "c10" || first == "caffe2";
    trainer_has_torch |= torch && include.room == "trainer";
    if (torch) {
      EXPECT_EQ(include.room, "trainer") << include.file << " includes " << include.target;
    }
  }
  EXPECT_TRUE(trainer_has_torch);
}

TEST(IncludeArrowsTest, EveryHeaderIsGuardedOnce) {
  for (const auto& [room, unused] : Rooms()) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(YOAKE_SOURCE_DIR) / room)) {
      if (entry.path().extension() != ".h") continue;
      std::ifstream file(entry.path());
      std::string first;
      std::getline(file, first);
      EXPECT_EQ(first, "#pragma once") << entry.path();
    }
  }
}

}  // namespace
}  // namespace yoake
