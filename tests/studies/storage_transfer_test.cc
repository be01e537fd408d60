// Stores carried from place to place, upgraded and checked.

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "studies/storage/check.h"
#include "studies/storage/journal.h"
#include "studies/storage/storage.h"
#include "studies/storage/transfer.h"
#include "studies/storage/upgrade.h"
#include "tests/studies/storage_test_files.h"
#include "tests/support/message_of.h"
#include "tests/support/outside_judge.h"

namespace yoake::studies {
namespace {

using search::Direction;
using search::TrialRecord;
using search::TrialState;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kInf = std::numeric_limits<double>::infinity();

// Everything a study can hold.
void Fill(const std::string& url) {
  const search::ParamSet params = {
      {"lr", {search::FloatDistribution{1e-5, 0.1, true, {}}, 0.012345678901234567}},
      {"n", {search::IntDistribution{8, 64, false, 8}, 40}},
      {"opt", {search::CategoricalDistribution{{std::string("sgd"), std::monostate{}, true}}, 1}}};
  const auto storage = OpenStorage(url);
  storage->CreateStudy("s", {Direction::kMaximize}, {"mAP"}, {{"note", {{"deep", {1, 2.5, nullptr}}}}});
  for (int number = 0; number < 5; ++number) storage->StartTrial("s");
  storage->SetParams("s", 0, {params, {{"completed_rung_0", 0.5}}});
  storage->SetParams("s", 1, {params, {}});
  const std::vector<double> reports = {std::nan(""), kInf, -kInf, 0.1 + 0.2};
  for (int step = 0; step < 4; ++step) storage->Report("s", 0, step, reports[static_cast<std::size_t>(step)]);
  storage->SetTrialUserAttr("s", 0, "text", "line\nbreak \"quoted\" \xe5\xa4\x9c");
  storage->FinishTrial("s", 0, TrialState::kComplete, {1.0 / 3});
  storage->FinishTrial("s", 1, TrialState::kComplete, {kInf});
  storage->FinishTrial("s", 2, TrialState::kPruned, {0.25});
  storage->FinishTrial("s", 3, TrialState::kFail, {});
  storage->EnqueueTrial("s", {{"n", params.at("n")}}, {});
  storage->CreateStudy("two", {Direction::kMinimize, Direction::kMaximize}, {});
  storage->StartTrial("two");
  storage->FinishTrial("two", 0, TrialState::kComplete, {1, -kInf});
}

// Everything of a store as text; NaN has one too, which == has not.
std::string Text(const std::string& url) { return ToJournal(DumpStore(url).studies, Clock::kUtc); }

class StorageTransferTest : public OnEveryEngine {
 protected:
  std::filesystem::path JournalFile() const { return folder() / "study.journal"; }
};
INSTANTIATE_ON_EVERY_ENGINE(StorageTransferTest);

TEST_P(StorageTransferTest, WhatIsExportedAndImportedIsTheSame) {
  Fill(Url());
  WriteFileAtomically(JournalFile(), Text(Url()));
  const Journal journal = ReadJournal(JournalFile());
  EXPECT_THAT(journal.warnings, IsEmpty());
  FillStore(Url("copy"), journal.studies);
  EXPECT_EQ(Text(Url("copy")), Text(Url()));
  EXPECT_THAT(Text(Url()), HasSubstr("\"0\": NaN, \"1\": Infinity, \"2\": -Infinity"));
  EXPECT_EQ(OpenStorage(Url("copy"))->StartTrial("s").number, 5) << "the enqueued one";
  EXPECT_THAT(CheckStore(Url("copy")), SizeIs(1)) << "a RUNNING trial without a heartbeat";
  EXPECT_THAT(MessageOf([&] {
                FillStore(Url("copy"), {{"new", {Direction::kMinimize}, {}, {}, {}}, journal.studies[0]});
              }),
              HasSubstr("a study 's' already"));
  EXPECT_FALSE(OpenStorage(Url("copy"))->HasStudy("new")) << "all or none";
}

TEST_P(StorageTransferTest, OptunasJournalsAreReadAndOursAreReadByOptuna) {
  const std::string script = PythonScript("studies/journal_with_optuna.py");
  if (Shell(script + "--probe") != 0)
    GTEST_SKIP() << "needs Debian's Optuna 3.1 (apt-get install python3-optuna)";
  ASSERT_EQ(Shell(script + "write " + Quoted(JournalFile().string())), 0);
  FillStore(Url(), ReadJournal(JournalFile()).studies);
  const auto history = OpenStorage(Url())->ReadHistory("optuna");
  ASSERT_THAT(history.trials, SizeIs(7));
  EXPECT_EQ(history.directions, std::vector{Direction::kMaximize});
  EXPECT_EQ(history.trials[0].state, TrialState::kComplete);
  EXPECT_EQ(history.trials[0].values, std::vector<double>{0.125});
  EXPECT_TRUE(std::isnan(history.trials[0].intermediate.at(1)));
  EXPECT_EQ(history.trials[0].intermediate.at(2), kInf);
  EXPECT_EQ(search::ExternalValues(history.trials[0].params),
            nlohmann::json({{"n", 9}, {"opt", nullptr}, {"x", 0.5}}));
  EXPECT_EQ(history.trials[1].state, TrialState::kFail);
  EXPECT_EQ(history.trials[5].state, TrialState::kRunning);
  EXPECT_EQ(history.trials[6].state, TrialState::kWaiting);
  EXPECT_EQ(history.trials[6].system_attrs.at("fixed_params"), nlohmann::json({{"x", 0.25}}));
  EXPECT_NEAR(*history.trials[0].finished_s, NowSeconds(), 600);

  const auto back = folder() / "back.journal";
  WriteFileAtomically(back, ToJournal(DumpStore(Url()).studies, Clock::kLocal));
  EXPECT_EQ(Shell(script + "compare " + Quoted(JournalFile().string()) + " " + Quoted(back.string())), 0);
}

TEST(JournalTest, ATornLastLineIsLeftOutAndAnyOtherIsAnError) {
  yoake::ScratchFolder scratch;
  const auto file = scratch.path() / "j";
  const std::string study = R"({"op_code": 0, "worker_id": "w", "study_name": "s", "directions": [1]})"
                            "\n";
  const std::string trial = R"({"op_code": 4, "worker_id": "w", "study_id": 0, "datetime_start": null})"
                            "\n";
  const auto read = [&](const std::string& text) {
    WriteFileAtomically(file, text);
    return ReadJournal(file);
  };
  EXPECT_THAT(read(study + trial).studies.at(0).trials, SizeIs(1));
  for (const std::string torn : {"{\"op_co", "{\"op_code\": 4, \n"}) {
    const Journal journal = read(study + trial + torn);
    EXPECT_THAT(journal.studies.at(0).trials, SizeIs(1));
    EXPECT_THAT(journal.warnings, Contains(HasSubstr("line 3: torn")));
  }
  EXPECT_THAT(MessageOf([&] { read(study + "{\"op_co\n" + trial); }), HasSubstr("line 2: not JSON"));
  EXPECT_THAT(MessageOf([&] { read(trial); }), HasSubstr("line 1: there is no study 0"));
  EXPECT_THAT(MessageOf([&] {
                read(study +
                     R"({"op_code": 77})"
                     "\n" +
                     trial);
              }),
              HasSubstr("unknown operation 77"));
  EXPECT_THAT(MessageOf([&] {
                read(study +
                     R"({"op_code": 5, "trial_id": 0})"
                     "\n" +
                     trial);
              }),
              HasSubstr("there is no trial 0"));
}

TEST(JournalTest, DeletedStudiesAndLateWritesCountForNothing) {
  yoake::ScratchFolder scratch;
  const auto file = scratch.path() / "j";
  std::string text;
  for (
      const char* line :
      {R"({"op_code": 0, "study_name": "gone", "directions": [1]})",
       R"({"op_code": 4, "study_id": 0, "datetime_start": "2026-11-20T09:19:28.002446+00:00"})",
       R"({"op_code": 1, "study_id": 0})", R"({"op_code": 0, "study_name": "s", "directions": [2, 1]})",
       R"({"op_code": 0, "study_name": "s", "directions": [1]})",
       R"({"op_code": 8, "trial_id": 0, "user_attr": {"a": 1}})",
       R"({"op_code": 4, "study_id": 1, "datetime_start": "2026-11-20T18:19:28.002446+09:00"})",
       R"({"op_code": 6, "trial_id": 1, "state": 2, "values": [1, -Infinity], "datetime_complete": "2026-11-20T09:20:00+00:00"})",
       R"({"op_code": 7, "trial_id": 1, "step": 1, "intermediate_value": 5})"}) {
    text += std::string(line) + "\n";
  }
  WriteFileAtomically(file, text);
  const Journal journal = ReadJournal(file);
  ASSERT_THAT(journal.studies, SizeIs(1));
  EXPECT_EQ(journal.studies[0].directions, (std::vector{Direction::kMaximize, Direction::kMinimize}));
  ASSERT_THAT(journal.studies[0].trials, SizeIs(1));
  const TrialRecord& trial = journal.studies[0].trials[0];
  EXPECT_EQ(trial.state, TrialState::kPruned);
  EXPECT_EQ(trial.values, (std::vector<double>{1, -kInf}));
  EXPECT_THAT(trial.intermediate, IsEmpty());
  EXPECT_DOUBLE_EQ(*trial.started_s, 1795166368.002446);
}

TEST_P(StorageTransferTest, AStoreOfOptuna31IsUpgradedAsOptunaDoesIt) {
  Fill(Url() + "?optuna_compat=3.1");
  RunSql(Url(), "DROP INDEX ix_trials_study_id");
  const std::string before = Text(Url());
  const Upgrade upgrade = UpgradeStore(Url());
  EXPECT_EQ(upgrade.from, "v3.0.0.d");
  EXPECT_EQ(upgrade.to, "v3.2.0.a");
  RunSql(Url(), "DROP INDEX trials_study_id_key");  // Fails unless it is there.
  EXPECT_EQ(Text(Url()), before);
  const Upgrade again = UpgradeStore(Url());
  EXPECT_EQ(again.from, again.to);
  RunSql(Url(), "UPDATE alembic_version SET version_num = 'v2.6.0.a'");
  EXPECT_THAT(MessageOf([&] { UpgradeStore(Url()); }), HasSubstr("`optuna storage upgrade"));
  RunSql(Url(), "UPDATE alembic_version SET version_num = 'v9.0.0.a'");
  EXPECT_THAT(MessageOf([&] { UpgradeStore(Url()); }), HasSubstr("use a newer yoake"));
}

// What CheckStore says after one thing was broken by hand.
struct Damage {
  std::string sql, kind, part_of_message;
  bool sqlite_only = false;  // PostgreSQL refuses it by itself.
};

TEST_P(StorageTransferTest, CheckFindsEachDamageAndNothingElse) {
  const std::vector<Damage> damages = {
      {"UPDATE trials SET number = 7 WHERE trial_id = 2", "numbers", "s"},
      {"UPDATE trials SET number = 0 WHERE trial_id = 2", "numbers", "s"},
      {"UPDATE trials SET state = 'DONE' WHERE trial_id = 1", "labels", "DONE", true},
      {"UPDATE trial_values SET value_type = 'BIG' WHERE trial_id = 1", "labels", "BIG", true},
      {"INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (99, 'x', 1, "
       "'{}')",
       "orphan_rows", "trial_params", true},
      {"UPDATE trial_user_attributes SET value_json = '{x' WHERE trial_id = 1", "json", "'text'"},
      {"UPDATE study_user_attributes SET value_json = 'x'", "json", "'note'"},
      {"UPDATE trial_params SET param_value = 5 WHERE trial_id = 1 AND param_name = 'lr'", "out_of_range",
       "trial 0, parameter 'lr': 5 is outside"},
      {"UPDATE trial_params SET distribution_json = '{}' WHERE trial_id = 1 AND param_name = 'lr'",
       "distribution", "trial 0, parameter 'lr'"},
      {"UPDATE trial_params SET distribution_json = (SELECT distribution_json FROM trial_params WHERE "
       "trial_id = 1 "
       "AND param_name = 'n'), param_value = 16 WHERE trial_id = 2 AND param_name = 'lr'",
       "changed_kind", "was log float, here int"},
      {"DELETE FROM trial_values WHERE trial_id = 1", "values", "COMPLETE trials without a value"},
      {"UPDATE trial_values SET value = NULL WHERE trial_id = 1", "values", "value_type"},
      {"UPDATE trials SET datetime_complete = NULL WHERE trial_id = 1", "times", "1"},
      {"DELETE FROM study_directions WHERE objective = 0", "directions", "s, two"},
      {"DROP TABLE trial_heartbeats", "schema", "trial_heartbeats.heartbeat"},
      {"UPDATE alembic_version SET version_num = 'v9'", "store", "newer than this yoake"},
  };
  for (std::size_t i = 0; i < damages.size(); ++i) {
    const Damage& damage = damages[i];
    if (postgresql() && damage.sqlite_only) continue;
    const std::string url = Url("damage" + std::to_string(i));
    Fill(url);
    ASSERT_THAT(CheckStore(url), SizeIs(1));
    RunSql(url, damage.sql);
    const auto found = CheckStore(url);
    EXPECT_THAT(found,
                Contains(::testing::AllOf(Field(&StoreFinding::kind, damage.kind),
                                          Field(&StoreFinding::message, HasSubstr(damage.part_of_message)))))
        << damage.sql;
    const std::set<std::string> other = {"running", "times",
                                         "values"};  // One damage may show in several places.
    for (const StoreFinding& finding : found) {
      EXPECT_TRUE(finding.kind == damage.kind || other.contains(finding.kind)) << finding.message;
      EXPECT_FALSE(finding.mend.empty());
    }
  }
}

TEST(StorageCheckTest, ADamagedFile) {
  ScratchFolder scratch;
  Fill(scratch.Url());
  RunSql(scratch.Url(), "PRAGMA journal_mode = DELETE");
  std::string bytes = ReadFile(scratch.path() / "study.db");
  for (std::size_t i = 3 * 4096; i < 4 * 4096; ++i) bytes[i] = 'x';
  WriteFileAtomically(scratch.path() / "study.db", bytes);
  const auto found = CheckStore(scratch.Url());
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found[0].message, HasSubstr("damaged"));
  WriteFileAtomically(scratch.path() / "study.db", bytes.substr(0, 5000));
  EXPECT_FALSE(CheckStore(scratch.Url()).empty());
  EXPECT_THAT(MessageOf([&] { CheckStore(scratch.Url("no.db")); }), HasSubstr("there is no file"));
}

}  // namespace
}  // namespace yoake::studies
