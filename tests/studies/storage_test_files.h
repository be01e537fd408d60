#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/scratch_folder.h"
#include "tests/support/shared_folder.h"

namespace yoake::studies {

// Holds the databases of one test.
class ScratchFolder : public yoake::ScratchFolder {
 public:
  std::string Url(const std::string& name = "study.db") const {
    return "sqlite:///" + (path() / name).string();
  }
};

inline std::filesystem::path OptunaDatabase(const std::string& name) {
  return SharedFolder() / "fixtures/optuna_db" / name;
}

inline std::string Quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

inline int Shell(const std::string& command) { return std::system(command.c_str()); }

// Runs SQL through a foreign program, as somebody else's tool would.
inline void RunSql(const std::string& url, const std::string& sql) {
  const std::string sqlite = "sqlite:///";
  const std::string command = url.starts_with(sqlite)
                                  ? "python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
                                    "c.executescript(sys.argv[2]); "
                                    "c.commit()' " +
                                        Quoted(url.substr(sqlite.size())) + " " + Quoted(sql)
                                  : "psql -q -X -v ON_ERROR_STOP=1 " + Quoted(url) + " -c " + Quoted(sql);
  ASSERT_EQ(Shell(command), 0) << command;
}

// Runs a test on both engines: each test has databases of its own. PostgreSQL's come from the server that
// tests/support/postgres has started (ctest does), or from YOAKE_TEST_POSTGRES, the address of a database
// whose user may create others; without either the test skips and says why.
class OnEveryEngine : public ::testing::TestWithParam<std::string> {
 protected:
  OnEveryEngine() {
    if (GetParam() == "sqlite") return;
    if (const char* named = std::getenv("YOAKE_TEST_POSTGRES")) {
      server_ = named;
    } else {
      server_ = FirstLine("url");
    }
    if (server_.empty()) why_not_ = FirstLine("why_not");
  }
  ~OnEveryEngine() override {
    for (const std::string& name : made_) RunSql(server_, "DROP DATABASE " + name + " WITH (FORCE)");
  }

  void SetUp() override {
    if (postgresql() && server_.empty()) {
      GTEST_SKIP() << (why_not_.empty()
                           ? "no server: start one by `tests/support/postgres start " YOAKE_BINARY_DIR
                             "/tests/postgres`"
                           : why_not_);
    }
  }

  bool postgresql() const { return GetParam() == "postgresql"; }

  // The address of an own database, the same for the same name; "study" at first.
  std::string Url(const std::string& name = "study") {
    if (!postgresql()) return scratch_.Url(name + ".db");
    const std::string database = prefix_ + name;
    if (std::find(made_.begin(), made_.end(), database) == made_.end()) {
      RunSql(server_, "CREATE DATABASE " + database);
      made_.push_back(database);
    }
    return server_.substr(0, server_.rfind('/') + 1) + database;
  }
  const std::filesystem::path& folder() const { return scratch_.path(); }

 private:
  static std::string FirstLine(const std::string& file) {
    std::string line;
    std::ifstream in(YOAKE_BINARY_DIR "/tests/postgres/" + file);
    std::getline(in, line);
    return line;
  }

  ScratchFolder scratch_;
  std::string server_;
  std::string why_not_;
  std::vector<std::string> made_;
  std::string prefix_ = "yoake_" + std::to_string(getpid()) + "_";  // Children share the test's databases.
};

#define INSTANTIATE_ON_EVERY_ENGINE(Suite)                                     \
  INSTANTIATE_TEST_SUITE_P(, Suite, ::testing::Values("sqlite", "postgresql"), \
                           [](const auto& tested) { return tested.param; })

}  // namespace yoake::studies
