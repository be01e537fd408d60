// Debian's Optuna 3.1 judges the store: it loads, lists and continues a study, then yoake goes on.

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <limits>

#include "studies/storage/storage.h"
#include "tests/studies/storage_test_files.h"
#include "tests/support/outside_judge.h"

namespace yoake::studies {
namespace {

using search::TrialRecord;
using search::TrialState;
using ::testing::SizeIs;

const std::string kScript = PythonScript("studies/storage_with_optuna.py");

search::ParamSet Params(double lr, double batch, double kind) {
  return {{"lr", {search::FloatDistribution{1e-5, 0.1, true, {}}, lr}},
          {"batch", {search::IntDistribution{8, 64, false, 8}, batch}},
          {"kind",
           {search::CategoricalDistribution{
                {std::string("sgd"), std::string("adam"), std::monostate{}, true, std::int64_t{3}}},
            kind}}};
}

class StorageOptunaTest : public OnEveryEngine {};
INSTANTIATE_ON_EVERY_ENGINE(StorageOptunaTest);

TEST_P(StorageOptunaTest, OptunaLoadsListsAndContinuesOurStudyAndWeGoOn) {
  if (Shell(kScript + "--probe " + GetParam()) != 0) {
    GTEST_SKIP() << "needs Debian's Optuna 3.1 (apt-get install python3-optuna python3-psycopg2)";
  }
  const std::string url = Url() + "?optuna_compat=3.1";
  constexpr double kInf = std::numeric_limits<double>::infinity();
  {
    auto storage = OpenStorage(url);
    storage->CreateStudy("night", {search::Direction::kMinimize}, {"loss"},
                         {{"note", {{"a", {1, 2.5, "x"}}}}});
    for (int number = 0; number < 5; ++number) {
      storage->StartTrial("night");
      storage->SetParams("night", number, {Params(0.001 * (number + 1), 16, number), {{"sys", number}}});
      storage->Report("night", number, 1, number == 0 ? std::nan("") : 0.5);
      storage->Report("night", number, 2, number == 0 ? kInf : 0.25);
      storage->SetTrialUserAttr("night", number, "gpu", number);
    }
    storage->FinishTrial("night", 0, TrialState::kComplete, {0.125});
    storage->FinishTrial("night", 1, TrialState::kComplete, {kInf});
    storage->FinishTrial("night", 2, TrialState::kPruned, {0.25});
    storage->FinishTrial("night", 3, TrialState::kFail, {});
    storage->EnqueueTrial("night", {{"batch", Params(0, 64, 0).at("batch")}}, {});
  }

  const auto found = nlohmann::json::parse(OutputOf(kScript + Quoted(Url()) + " night"));
  EXPECT_EQ(found["direction"], "MINIMIZE");
  EXPECT_EQ(found["metric_names"], nlohmann::json({"loss"}));
  EXPECT_EQ(found["user"], nlohmann::json({{"note", {{"a", {1, 2.5, "x"}}}}}));
  ASSERT_EQ(found["trials"].size(), 6U);
  if (!found["table"].is_null()) {
    EXPECT_EQ(found["table"][1], 6) << "rows of trials_dataframe()";
    EXPECT_THAT(found["table"][0], ::testing::Contains("params_lr"));
  }
  const std::vector<std::string> states = {"COMPLETE", "COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING"};
  const std::vector<nlohmann::json> kinds = {"sgd", "adam", nullptr, true, 3};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto& trial = found["trials"][i];
    EXPECT_EQ(trial["number"], i);
    EXPECT_EQ(trial["state"], states[i]);
    if (i == 5) continue;
    EXPECT_EQ(trial["params"]["lr"], 0.001 * (static_cast<double>(i) + 1));
    EXPECT_EQ(trial["params"]["batch"], 16);
    EXPECT_TRUE(trial["params"]["batch"].is_number_integer());
    EXPECT_EQ(trial["params"]["kind"], kinds[i]);
    EXPECT_EQ(trial["user"]["gpu"], i);
    EXPECT_EQ(trial["system"]["sys"], i);
    EXPECT_EQ(trial["started_today"], true) << "local times, as Optuna 3.1 reads them";
  }
  EXPECT_EQ(found["trials"][0]["values"], nlohmann::json({"0.125"}));
  EXPECT_EQ(found["trials"][1]["values"], nlohmann::json({"inf"}));
  EXPECT_EQ(found["trials"][2]["values"], nlohmann::json({"0.25"}));
  EXPECT_EQ(found["trials"][0]["reports"], nlohmann::json({{"1", "nan"}, {"2", "inf"}}));
  EXPECT_EQ(found["trials"][5]["system"], nlohmann::json({{"fixed_params", {{"batch", 64}}}}));

  // Optuna has run five trials: the enqueued one first.
  auto storage = OpenStorage(url);
  const auto history = storage->ReadHistory("night");
  ASSERT_THAT(history.trials, SizeIs(10));
  for (int number = 5; number < 10; ++number) {
    const TrialRecord& trial = history.trials[static_cast<std::size_t>(number)];
    EXPECT_EQ(trial.number, number);
    EXPECT_EQ(trial.state, TrialState::kComplete) << number;
    EXPECT_EQ(trial.user_attrs.at("by"), "optuna");
    EXPECT_EQ(trial.intermediate.at(1), trial.params.at("lr").internal);
    EXPECT_NEAR(*trial.finished_s, static_cast<double>(std::time(nullptr)), 600);
  }
  EXPECT_EQ(history.trials[5].params.at("batch").internal, 64);
  EXPECT_EQ(storage->StartTrial("night").number, 10);
  storage->SetParams("night", 10, {history.trials[9].params, {}});
  storage->FinishTrial("night", 10, TrialState::kComplete, {-1});
  EXPECT_EQ(storage->ReadTrial("night", 10).values, std::vector<double>{-1});
}

TEST_P(StorageOptunaTest, WeContinueAStudyThatOptunaMadeAndOptunaGoesOn) {
  if (Shell(kScript + "--probe " + GetParam()) != 0) {
    GTEST_SKIP() << "needs Debian's Optuna 3.1 (apt-get install python3-optuna python3-psycopg2)";
  }
  OutputOf(kScript + Quoted(Url()) + " day --new");
  {
    const auto storage = OpenStorage(Url());
    EXPECT_EQ(storage->ReadStudy("day").trials.at(TrialState::kComplete), 5);
    const TrialRecord before = storage->ReadTrial("day", 4);
    EXPECT_NEAR(*before.finished_s, static_cast<double>(std::time(nullptr)), 600);
    const TrialRecord own = storage->StartTrial("day", {"host:1:a", {}}).value();
    EXPECT_EQ(own.number, 5);
    storage->SetParams("day", 5, {before.params, {}});
    storage->Report("day", 5, 1, 0.5);
    storage->FinishTrial("day", 5, TrialState::kComplete, {0.25});
  }
  const auto found = nlohmann::json::parse(OutputOf(kScript + Quoted(Url()) + " day"));
  EXPECT_EQ(found["trials"][5]["values"], nlohmann::json({"0.25"}));
  EXPECT_EQ(found["trials"][5]["params"], found["trials"][4]["params"]);
  EXPECT_EQ(found["trials"][5]["started_today"], true);
  EXPECT_EQ(OpenStorage(Url())->ReadHistory("day").trials.size(), 11U);
}

}  // namespace
}  // namespace yoake::studies
