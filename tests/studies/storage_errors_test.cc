// A store that cannot be used says why, where and what would be right.

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "studies/storage/storage.h"
#include "studies/storage/store_url.h"
#include "studies/storage/timestamp.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ErrorOfOpening(const std::string& url, OpenMode mode = OpenMode::kCreate) {
  try {
    OpenStorage(url, mode);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void Write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

// Runs SQL through a foreign program, as somebody else's tool would.
void RunSql(const std::filesystem::path& file, const std::string& sql) {
  const std::string command =
      "python3 -c \"import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
      "c.executescript(sys.argv[2]); c.commit()\" '" +
      file.string() + "' \"" + sql + "\"";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

TEST(StoreUrlTest, Accepted) {
  EXPECT_EQ(ParseStoreUrl("sqlite:///study.db").file, "study.db");
  EXPECT_EQ(ParseStoreUrl("sqlite:////var/my study.db").file, "/var/my study.db");
  EXPECT_EQ(ParseStoreUrl("sqlite:///a.db?optuna_compat=3.1").file, "a.db");
  EXPECT_EQ(ParseStoreUrl("sqlite:///a.db?optuna_compat=3.1").optuna_compat, "3.1");
}

TEST(StoreUrlTest, Refused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"study.db", "did you mean 'sqlite:///study.db'?"},
      {"", "use sqlite:///relative.db"},
      {"sqlite://study.db", "use sqlite:///relative.db"},
      {"mysql://host/db", "use sqlite:///relative.db"},
      {"sqlite:///", "a file is needed"},
      {"sqlite:///:memory:", "a file is needed"},
      {"sqlite:///a\"b.db", "quote"},
      {"sqlite:///a.db?optuna_compat=2.0", "can only be 3.1, not '2.0'"},
      {"sqlite:///a.db?optuna_comapt=3.1", "did you mean 'optuna_compat'?"},
      {"postgresql://me:secret@host/db", "PostgreSQL is not supported yet"},
  };
  for (const auto& [url, message] : cases) {
    EXPECT_THAT(ErrorOfOpening(url), AllOf(StartsWith("storage "), HasSubstr(message))) << url;
  }
  EXPECT_THAT(ErrorOfOpening("postgresql://me:secret@host/db"), Not(HasSubstr("secret")));
}

TEST(StorageErrorsTest, WrongPlaces) {
  ScratchFolder scratch;
  EXPECT_THAT(ErrorOfOpening(scratch.Url("no/study.db")), HasSubstr("there is no folder"));
  EXPECT_THAT(ErrorOfOpening(scratch.Url("")), HasSubstr("that is a folder"));
  EXPECT_THAT(ErrorOfOpening(scratch.Url("x.db"), OpenMode::kExisting), HasSubstr("there is no file"));
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "x.db"));
}

TEST(StorageErrorsTest, NotADatabase) {
  ScratchFolder scratch;
  Write(scratch.path() / "x.db",
        "{\"this\": \"is JSON, not a database, and longer than the header of one\"}");
  EXPECT_THAT(ErrorOfOpening(scratch.Url("x.db")),
              AllOf(HasSubstr("x.db"), HasSubstr("is not a SQLite database")));
}

TEST(StorageErrorsTest, SomebodyElsesDatabase) {
  ScratchFolder scratch;
  RunSql(scratch.path() / "x.db", "CREATE TABLE songs (title TEXT)");
  EXPECT_THAT(ErrorOfOpening(scratch.Url("x.db")),
              AllOf(HasSubstr("no study store"), HasSubstr("has songs")));
}

TEST(StorageErrorsTest, UnknownVersions) {
  ScratchFolder scratch;
  OpenStorage(scratch.Url("x.db"));
  RunSql(scratch.path() / "x.db", "UPDATE alembic_version SET version_num = 'v2.6.0.a'");
  EXPECT_THAT(ErrorOfOpening(scratch.Url("x.db")),
              AllOf(HasSubstr("'v2.6.0.a'"), HasSubstr("optuna storage upgrade --storage")));
  RunSql(scratch.path() / "x.db", "UPDATE alembic_version SET version_num = 'v9.0.0.a'");
  EXPECT_THAT(ErrorOfOpening(scratch.Url("x.db")),
              AllOf(HasSubstr("'v9.0.0.a'"), HasSubstr("use a newer yoake")));
}

TEST(StorageErrorsTest, CompatibilityIsForFreshStores) {
  ScratchFolder scratch;
  OpenStorage(scratch.Url("new.db"));
  EXPECT_THAT(ErrorOfOpening(scratch.Url("new.db") + "?optuna_compat=3.1"),
              HasSubstr("leave the option out"));
  const std::string compatible = scratch.Url("old.db") + "?optuna_compat=3.1";
  OpenStorage(compatible);
  EXPECT_EQ(ErrorOfOpening(compatible), "no error");
  EXPECT_EQ(ErrorOfOpening(scratch.Url("old.db")), "no error");
}

TEST(StorageErrorsTest, ADamagedAttributeIsNamed) {
  ScratchFolder scratch;
  auto storage = OpenStorage(scratch.Url());
  storage->CreateStudy("s", {search::Direction::kMinimize}, {});
  storage->StartTrial("s");
  storage->SetTrialUserAttr("s", 0, "note", 1);
  RunSql(scratch.path() / "study.db", "UPDATE trial_user_attributes SET value_json = 'x'");
  try {
    storage->ReadHistory("s");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kStorage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("trial 0"), HasSubstr("'note'"), HasSubstr("not JSON: x")));
  }
}

TEST(StorageErrorsTest, ReadOnlyFolder) {
  ScratchFolder scratch;
  {
    auto storage = OpenStorage(scratch.Url());
    storage->CreateStudy("s", {search::Direction::kMinimize}, {});
  }
  namespace fs = std::filesystem;
  fs::permissions(scratch.path() / "study.db", fs::perms::owner_read | fs::perms::others_read);
  fs::permissions(scratch.path(), fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                                      fs::perms::others_exec);
  // root may write anywhere: a child without that right tries instead.
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(2);
    bool refused = ErrorOfOpening(scratch.Url("new.db")).find("no permission to write") != std::string::npos;
    try {
      OpenStorage(scratch.Url())->StartTrial("s");
      refused = false;
    } catch (const Error& error) {
      refused = refused && std::string(error.what()).find("no permission to write") != std::string::npos;
    }
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  fs::permissions(scratch.path(), fs::perms::owner_all);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(TimestampTest, Forms) {
  EXPECT_EQ(FormatTimestamp(1795166368.002446, Clock::kUtc), "2026-11-20 09:19:28.002446");
  EXPECT_DOUBLE_EQ(ParseTimestamp("2026-11-20 09:19:28.002446", Clock::kUtc), 1795166368.002446);
  EXPECT_EQ(ParseTimestamp("2026-11-20 09:19:28", Clock::kUtc), 1795166368);
  EXPECT_EQ(FormatTimestamp(1795166367.9999999, Clock::kUtc), "2026-11-20 09:19:28.000000");
  for (const char* wrong :
       {"", "yesterday", "2026-11-20", "2026-11-20 09:19:28+00:00", "2026-11-20 09:19:28.0x"}) {
    EXPECT_THROW(ParseTimestamp(wrong, Clock::kUtc), Error) << wrong;
  }
}

TEST(TimestampTest, OptunaWroteLocalTimeUpToVersion4) {
  EXPECT_EQ(ClockOf("3.1.0"), Clock::kLocal);
  EXPECT_EQ(ClockOf("4.9.0"), Clock::kLocal);
  EXPECT_EQ(ClockOf("5.0.0.dev"), Clock::kUtc);
  EXPECT_EQ(ClockOf("10.0"), Clock::kUtc);
  const double now = 1795166368.5;
  EXPECT_EQ(ParseTimestamp(FormatTimestamp(now, Clock::kLocal), Clock::kLocal), now);
}

}  // namespace
}  // namespace yoake::studies
