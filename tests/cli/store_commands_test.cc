// Stores from the command line, and the clients and trainers of examples/.

#include <gmock/gmock.h>
#include <stdlib.h>

#include "core/atomic_file.h"
#include "tests/cli/command_run.h"

namespace yoake::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kExamples[] = YOAKE_SOURCE_DIR "/examples/";

class StoreCommandTest : public testing::Test {
 protected:
  StoreCommandTest() { setenv("YOAKE", YOAKE_BINARY_DIR "/bin/yoake", 1); }
  CommandRun Run(const std::string& arguments) { return RunYoake(folder_, arguments); }
  int Shell(const std::string& command) {
    return std::system(("cd '" + folder_.path().string() + "' && " + command + " >stdout.txt").c_str());
  }

  ScratchFolder folder_;
};

TEST_F(StoreCommandTest, ThePythonClientFindsAGoodPoint) {
  ASSERT_EQ(Shell("python3 " + std::string(kExamples) + "ask_tell/client.py sqlite:///s.db 15"), 0);
  const json best = Run("study best sqlite:///s.db --json").json();
  EXPECT_LT(best["values"][0].get<double>(), 1.0);
  EXPECT_EQ(Run("study trials sqlite:///s.db --format json").json().size(), 15U);
}

TEST_F(StoreCommandTest, TheShellClientRuns) {
  ASSERT_EQ(Shell(std::string(kExamples) + "ask_tell/client.sh sqlite:///s.db 3"), 0);
  EXPECT_EQ(Run("study trials sqlite:///s.db --format json").json().size(), 3U);
}

TEST_F(StoreCommandTest, AForeignTrainerIsDrivenThroughTheTrialProtocol) {
  const CommandRun run =
      Run("study run " + std::string(kExamples) + "foreign_trainer/study.json --out rings --json");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json best = Run("study best rings --json").json();
  EXPECT_GT(best["values"][0].get<double>(), 0.9) << "two rings need a degree of two at least";
  EXPECT_GE(best["params"]["model.degree"].get<int>(), 2);
  EXPECT_EQ(Run("storage check --storage sqlite:///rings/study.db").exit_code, 0);
}

TEST_F(StoreCommandTest, AStudyIsCreatedOnceAndWorkersRunIt) {
  const std::string study = std::string(kExamples) + "foreign_trainer/study.json";
  ASSERT_EQ(Run("study create " + study + " --storage sqlite:///s.db trials=3 base.epochs=1").exit_code, 0);
  EXPECT_EQ(Run("study worker --storage sqlite:///s.db --study rings --count 1 --out a").exit_code, 0);
  const CommandRun rest = Run("study worker --storage sqlite:///s.db --study rings --out b");
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.err, HasSubstr("the study is complete"));
  EXPECT_EQ(Run("study status sqlite:///s.db --json").json()["trials"]["COMPLETE"], 3);
  const CommandRun again = Run("study create " + study + " --storage sqlite:///s.db");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("join that one with `yoake study worker`"));
  EXPECT_EQ(Run("study worker --storage sqlite:///none.db --study rings").exit_code, 2);
}

TEST_F(StoreCommandTest, ExportImportUpgradeCheck) {
  ASSERT_EQ(Shell(std::string(kExamples) + "ask_tell/client.sh 'sqlite:///s.db?optuna_compat=3.1' 2"), 0);
  EXPECT_EQ(Run("storage upgrade --storage sqlite:///s.db").out, "v3.0.0.d -> v3.2.0.a\n");
  EXPECT_EQ(Run("storage upgrade --storage sqlite:///s.db").out, "v3.2.0.a: nothing to do\n");
  EXPECT_EQ(Run("storage export --storage sqlite:///s.db --out s.journal").out, "shell: 2 trials\n");
  EXPECT_EQ(Run("storage export --storage sqlite:///s.db --out s.journal").exit_code, 2)
      << "never overwrites";
  EXPECT_EQ(Run("storage import s.journal --storage sqlite:///t.db").out, "shell: 2 trials\n");
  EXPECT_EQ(Run("storage import s.journal --storage sqlite:///t.db").exit_code, 2) << "it is there already";
  EXPECT_EQ(Run("storage import s.journal --storage sqlite:///u.db --study x").exit_code, 2);
  EXPECT_EQ(Run("study trials sqlite:///t.db --json").json(),
            Run("study trials sqlite:///s.db --json").json());
  const CommandRun check = Run("storage check --storage sqlite:///t.db --json");
  EXPECT_EQ(check.exit_code, 0);
  EXPECT_EQ(check.json()["errors"], 0);
  WriteFileAtomically(folder_.path() / "t.db",
                      "not a database, and longer than its header would be: ............");
  const CommandRun broken = Run("storage check --storage sqlite:///t.db");
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.out, HasSubstr("not a SQLite database"));
  EXPECT_EQ(Run("storage check --storage sqlite:///none.db").exit_code, 2);
}

TEST_F(StoreCommandTest, PasswordsStayUnseen) {
  const std::string url = "postgresql://me:secret@127.0.0.1:1/db";
  const std::string study = std::string(kExamples) + "foreign_trainer/study.json";
  for (const std::string& command :
       {"study run " + study + " --out r --storage " + url, "study create " + study + " --storage " + url,
        "study status " + url, "study worker --study s --storage " + url, "storage check --storage " + url,
        "ask --study s --storage " + url, "tell --study s --number 0 --value 1 --storage " + url,
        "storage check --storag " + url, "study list " + url}) {
    const CommandRun run = Run(command);
    EXPECT_NE(run.exit_code, 0) << command;
    EXPECT_THAT(run.out + run.err, Not(HasSubstr("secret"))) << command;
  }
}

}  // namespace
}  // namespace yoake::cli
