// A store that cannot be used says why, where and what would be right.

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "core/error.h"
#include "studies/storage/file_system.h"
#include "studies/storage/postgresql_module.h"
#include "studies/storage/storage.h"
#include "studies/storage/store_url.h"
#include "studies/storage/timestamp.h"
#include "tests/studies/storage_test_files.h"
#include "tests/support/message_of.h"

namespace yoake::studies {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
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

TEST(StoreUrlTest, Accepted) {
  EXPECT_EQ(ParseStoreUrl("sqlite:///study.db").file, "study.db");
  EXPECT_EQ(ParseStoreUrl("sqlite:////var/my study.db").file, "/var/my study.db");
  EXPECT_EQ(ParseStoreUrl("sqlite:///a.db?optuna_compat=3.1").file, "a.db");
  EXPECT_EQ(ParseStoreUrl("sqlite:///a.db?optuna_compat=3.1").optuna_compat, "3.1");
  const auto server = [](const std::string& url) { return ParseStoreUrl(url).conninfo; };
  using Parts = std::map<std::string, std::string>;
  EXPECT_EQ(
      server("postgresql://me:p%40ss%3A@host:5433/db"),
      (Parts{{"user", "me"}, {"password", "p@ss:"}, {"host", "host"}, {"port", "5433"}, {"dbname", "db"}}));
  EXPECT_EQ(server("postgresql+psycopg2://me@[::1]/db?sslmode=require"),
            (Parts{{"user", "me"}, {"host", "::1"}, {"dbname", "db"}, {"sslmode", "require"}}));
  EXPECT_EQ(server("postgresql:///db?host=/var/run/postgresql"),
            (Parts{{"host", "/var/run/postgresql"}, {"dbname", "db"}}));
  EXPECT_EQ(ParseStoreUrl("postgresql://h/db?optuna_compat=3.1").optuna_compat, "3.1");
}

TEST(StoreUrlTest, PasswordsAreNeverShown) {
  EXPECT_EQ(ParseStoreUrl("postgresql://me:secret@host/db").text, "postgresql://me:***@host/db");
  EXPECT_EQ(
      WithoutPasswords("run --storage postgresql://me:s:e@c@host/db --n 1, sqlite:///a.db and x://a:b@c"),
      "run --storage postgresql://me:***@host/db --n 1, sqlite:///a.db and x://a:***@c");
  EXPECT_EQ(WithoutPasswords("no address: me@host, http://host:80/a"),
            "no address: me@host, http://host:80/a");
  EXPECT_EQ(WithoutPassword("postgresql://me:secret@host/db"), "postgresql://me@host/db");
  EXPECT_EQ(WithoutPassword("sqlite:///a:b@c.db"), "sqlite:///a:b@c.db");
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
      {"postgresql://me:secret@host", "the database's name is missing"},
      {"postgresql://me:secret@host:five/db", "the port must be a number"},
      {"postgresql://me:secret@host/db?sslmod=require", "did you mean 'sslmode'?"},
  };
  for (const auto& [url, message] : cases) {
    EXPECT_THAT(ErrorOfOpening(url), AllOf(StartsWith("storage "), HasSubstr(message))) << url;
  }
  for (const auto& [url, message] : cases) EXPECT_THAT(ErrorOfOpening(url), Not(HasSubstr("secret"))) << url;
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

class StorageForeignTest : public OnEveryEngine {};
INSTANTIATE_ON_EVERY_ENGINE(StorageForeignTest);

TEST_P(StorageForeignTest, SomebodyElsesDatabase) {
  RunSql(Url(), "CREATE TABLE songs (title TEXT)");
  EXPECT_THAT(ErrorOfOpening(Url()), AllOf(HasSubstr("no study store"), HasSubstr("has songs")));
}

TEST_P(StorageForeignTest, UnknownVersions) {
  OpenStorage(Url());
  RunSql(Url(), "UPDATE alembic_version SET version_num = 'v2.6.0.a'");
  EXPECT_THAT(ErrorOfOpening(Url()),
              AllOf(HasSubstr("'v2.6.0.a'"), HasSubstr("yoake storage upgrade --storage")));
  RunSql(Url(), "UPDATE alembic_version SET version_num = 'v9.0.0.a'");
  EXPECT_THAT(ErrorOfOpening(Url()), AllOf(HasSubstr("'v9.0.0.a'"), HasSubstr("use a newer yoake")));
}

TEST_P(StorageForeignTest, CompatibilityIsForFreshStores) {
  OpenStorage(Url("new"));
  EXPECT_THAT(ErrorOfOpening(Url("new") + "?optuna_compat=3.1"), HasSubstr("leave the option out"));
  const std::string compatible = Url("old") + "?optuna_compat=3.1";
  OpenStorage(compatible);
  EXPECT_EQ(ErrorOfOpening(compatible), "no error");
  EXPECT_EQ(ErrorOfOpening(Url("old")), "no error");
}

TEST_P(StorageForeignTest, ADamagedAttributeIsNamed) {
  auto storage = OpenStorage(Url());
  storage->CreateStudy("s", {search::Direction::kMinimize}, {});
  storage->StartTrial("s");
  storage->SetTrialUserAttr("s", 0, "note", 1);
  RunSql(Url(), "UPDATE trial_user_attributes SET value_json = 'x'");
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

// A small disk of its own; only root may make one.
class SmallDisk {
 public:
  SmallDisk() { mounted_ = mount("none", folder_.path().c_str(), "tmpfs", 0, "size=400k") == 0; }
  ~SmallDisk() {
    if (mounted_) umount(folder_.path().c_str());
  }
  bool mounted() const { return mounted_; }
  const std::filesystem::path& path() const { return folder_.path(); }
  std::string Url() const { return folder_.Url(); }

 private:
  ScratchFolder folder_;
  bool mounted_;
};

TEST(StorageErrorsTest, AFullDiskLosesNothingThatWasStored) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "only root may mount a small disk";
  int stored = 0;
  {
    const auto storage = OpenStorage(disk.Url());
    storage->CreateStudy("s", {search::Direction::kMinimize}, {});
    storage->StartTrial("s");
    const std::string message = MessageOf([&] {
      for (; stored < 100000; ++stored) storage->Report("s", 0, stored, stored);
    });
    EXPECT_THAT(message, AllOf(HasSubstr("disk is full"), HasSubstr("what was stored before is safe")));
    EXPECT_GT(stored, 10);
    EXPECT_EQ(storage->ReadTrial("s", 0).intermediate.size(), static_cast<std::size_t>(stored));
  }
  EXPECT_EQ(OpenStorage(disk.Url())->ReadTrial("s", 0).intermediate.size(), static_cast<std::size_t>(stored));
  ASSERT_EQ(Shell("mount -o remount,size=2m " + Quoted(disk.path().string())), 0);
  const auto storage = OpenStorage(disk.Url());
  storage->Report("s", 0, stored, 1);
  storage->FinishTrial("s", 0, search::TrialState::kComplete, {1});
  EXPECT_EQ(storage->ReadTrial("s", 0).intermediate.size(), static_cast<std::size_t>(stored + 1));
}

TEST(StorageErrorsTest, NetworkFileSystemsAreKnownByTheirNumbers) {
  EXPECT_EQ(NetworkFileSystemName(0x6969), "NFS");
  EXPECT_EQ(NetworkFileSystemName(0xFF534D42), "SMB");
  EXPECT_EQ(NetworkFileSystemName(0xEF53), "") << "ext4";
  EXPECT_EQ(NetworkFileSystem("/proc"), "");
}

class StorageServerTest : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, StorageServerTest, ::testing::Values("postgresql"),
                         [](const auto& tested) { return tested.param; });

TEST_P(StorageServerTest, WrongAddressesSayWhatIsWrongAndNoPassword) {
  const std::string url = Url();
  const auto with = [&](const std::string& part, const std::string& other) {
    std::string changed = url;
    return changed.replace(changed.find(part), part.size(), other);
  };
  const auto at = url.rfind('@');
  const std::string server = url.substr(at + 1, url.rfind('/') - at - 1);
  const std::string database = url.substr(url.rfind('/') + 1);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {with("p%40ss%3Aw%2Frd", "wrong"), "refuses the password of user 'yoake'"},
      {with("/" + database, "/absent"), "has no database 'absent'; make it with `createdb"},
      {with("@" + server, "@127.0.0.1:1"), "no PostgreSQL server answers at 127.0.0.1:1"},
      {with("@" + server, "@no.such.host.invalid"), "no PostgreSQL server answers at no.such.host.invalid"},
  };
  for (const auto& [wrong, message] : cases) {
    EXPECT_THAT(ErrorOfOpening(wrong), AllOf(HasSubstr(message), HasSubstr("yoake:***@"))) << wrong;
    EXPECT_THAT(ErrorOfOpening(wrong),
                Not(AnyOf(HasSubstr("p%40ss"), HasSubstr("p@ss"), HasSubstr("wrong@"))));
  }
  EXPECT_THAT(ErrorOfOpening(url, OpenMode::kExisting), HasSubstr("the database is empty"));
}

TEST_P(StorageServerTest, AServerThatCrashesInTheMiddleLosesNothingAndDoublesNothing) {
  const std::string script = YOAKE_SOURCE_DIR "/tests/support/postgres ";
  const std::string own = Quoted((folder() / "server").string());
  ASSERT_EQ(Shell(script + "start " + own), 0);
  const std::shared_ptr<void> stop(nullptr, [&](void*) { EXPECT_EQ(Shell(script + "stop " + own), 0); });
  std::string url;
  std::ifstream address(folder() / "server/url");
  std::getline(address, url);
  {
    const auto storage = OpenStorage(url);
    storage->CreateStudy("s", {search::Direction::kMinimize}, {});
    int restarts = 0;
    std::atomic<bool> done = false;
    std::jthread crash([&] {  // Joined also when the store throws, which then is what the test says.
      for (; restarts < 3; ++restarts) EXPECT_EQ(Shell(script + "restart " + own), 0);
      done = true;
    });
    int trials = 0;
    for (; !done; ++trials) {
      const search::TrialRecord trial = storage->StartTrial("s", {"worker", {}}).value();
      EXPECT_EQ(trial.number, trials);
      for (int step = 0; step < 5; ++step) storage->Report("s", trials, step, step);
      storage->FinishTrial("s", trials, search::TrialState::kComplete, {1.0 * trials});
    }
    crash.join();
    const auto history = storage->ReadHistory("s");
    EXPECT_EQ(history.trials.size(), static_cast<std::size_t>(trials));
    for (const auto& trial : history.trials) {
      EXPECT_EQ(trial.values, std::vector<double>{1.0 * trial.number});
      EXPECT_EQ(trial.intermediate.size(), 5U);
    }
  }
}

TEST_P(StorageServerTest, ATransactionThatACrashForgotWasNotCommitted) {
  const auto engine = Postgresql().make(ParseStoreUrl(Url()));
  soci::session session;
  engine->Connect(session);
  Sql sql(session);
  sql.Run("BEGIN");
  const std::string name = engine->TransactionName(sql);
  sql.Run("COMMIT");
  EXPECT_TRUE(engine->HasCommitted(sql, name));
  // A number that the server has not given out yet, as after a crash that lost the transaction with it.
  EXPECT_FALSE(engine->HasCommitted(sql, std::to_string(std::stoll(name) + 1'000'000)));
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
