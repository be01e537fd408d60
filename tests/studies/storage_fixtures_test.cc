// Databases that Optuna 3.1, 4.9 and 5-dev wrote; the numbers are what the sqlite3 program shows.

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "studies/storage/storage.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

using search::Direction;
using search::TrialRecord;
using search::TrialState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Fixture {
  std::string file;
  bool has_metric_names;
  double x, y;              // The values of the two-objective study's only trial, which differ.
  std::string system_attr;  // Of that trial, empty for none.
};

void PrintTo(const Fixture& fixture, std::ostream* out) { *out << fixture.file; }

class StorageFixturesTest : public ::testing::TestWithParam<Fixture> {
 protected:
  void SetUp() override {
    const auto file = OptunaDatabase(GetParam().file);
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file << "; set YOAKE_SHARED";
    std::filesystem::copy_file(file, scratch_.path() / "study.db");
    std::filesystem::permissions(scratch_.path() / "study.db", std::filesystem::perms::owner_all);
    storage_ = OpenStorage(scratch_.Url(), OpenMode::kExisting);
  }

  ScratchFolder scratch_;
  std::unique_ptr<Storage> storage_;
};

TEST_P(StorageFixturesTest, Studies) {
  const auto studies = storage_->Studies();
  ASSERT_THAT(studies, SizeIs(2));
  EXPECT_EQ(studies[0].name, "demo");
  EXPECT_THAT(studies[0].directions, ElementsAre(Direction::kMaximize));
  EXPECT_THAT(studies[0].user_attrs, ElementsAre(Pair("note", nlohmann::json{{"a", {1, 2.5, "x"}}})));
  if (GetParam().has_metric_names) {
    EXPECT_THAT(studies[0].system_attrs, ElementsAre(Pair("study:metric_names", nlohmann::json{"mAP"})));
  } else {
    EXPECT_THAT(studies[0].system_attrs, IsEmpty());
  }
  EXPECT_THAT(studies[0].trials, ElementsAre(Pair(TrialState::kRunning, 1), Pair(TrialState::kComplete, 4),
                                             Pair(TrialState::kPruned, 1), Pair(TrialState::kFail, 2)));
  EXPECT_EQ(studies[1].name, "mo");
  EXPECT_THAT(studies[1].directions, ElementsAre(Direction::kMinimize, Direction::kMaximize));
}

TEST_P(StorageFixturesTest, StatesAndValues) {
  const auto history = storage_->ReadHistory("demo");
  EXPECT_THAT(history.directions, ElementsAre(Direction::kMaximize));
  ASSERT_THAT(history.trials, SizeIs(8));
  const std::vector<std::pair<TrialState, std::vector<double>>> expected = {
      {TrialState::kComplete, {0.001}},
      {TrialState::kPruned, {-0.00049501595537332}},
      {TrialState::kFail, {}},
      {TrialState::kComplete, {kInf}},
      {TrialState::kFail, {}},
      {TrialState::kComplete, {0.00464586795151248}},
      {TrialState::kComplete, {6.84710557668405e-05}},
      {TrialState::kRunning, {}},
  };
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const TrialRecord& trial = history.trials[i];
    EXPECT_EQ(trial.number, static_cast<int>(i));
    EXPECT_EQ(trial.state, expected[i].first) << i;
    ASSERT_EQ(trial.values.size(), expected[i].second.size()) << i;
    if (!trial.values.empty() && std::isfinite(trial.values[0])) {
      EXPECT_NEAR(trial.values[0], expected[i].second[0], 1e-15) << i;  // sqlite3 prints 15 digits.
    } else {
      EXPECT_EQ(trial.values, expected[i].second) << i;
    }
    EXPECT_EQ(trial.finished_s.has_value(), trial.state != TrialState::kRunning) << i;
  }
}

TEST_P(StorageFixturesTest, ParametersInInternalForm) {
  const TrialRecord trial = storage_->ReadTrial("demo", 0);
  const search::CategoricalDistribution opt{
      {std::string("sgd"), std::string("adam"), std::monostate{}, true, std::int64_t{3}}};
  ASSERT_THAT(trial.params, SizeIs(6));
  EXPECT_EQ(trial.params.at("lr").distribution,
            search::Distribution(search::FloatDistribution{1e-5, 0.1, true, {}}));
  EXPECT_EQ(trial.params.at("lr").internal, 0.001);
  EXPECT_EQ(trial.params.at("drop").distribution,
            search::Distribution(search::FloatDistribution{0, 0.5, false, 0.1}));
  EXPECT_NEAR(trial.params.at("drop").internal, 0.3, 1e-15);
  EXPECT_NEAR(trial.params.at("mom").internal, 0.850442789522486, 1e-15);
  EXPECT_EQ(trial.params.at("n").distribution, search::Distribution(search::IntDistribution{1, 64, true, 1}));
  EXPECT_EQ(trial.params.at("n").internal, 9);
  EXPECT_EQ(trial.params.at("k").distribution,
            search::Distribution(search::IntDistribution{8, 64, false, 8}));
  EXPECT_EQ(trial.params.at("k").internal, 40);
  EXPECT_EQ(trial.params.at("opt").distribution, search::Distribution(opt));
  EXPECT_EQ(trial.params.at("opt").internal, 1);

  const std::vector<nlohmann::json> choices = {"adam", 3, "adam", nullptr, true, true, true};
  for (int number = 0; number < 7; ++number) {
    EXPECT_EQ(search::ExternalValue(storage_->ReadTrial("demo", number).params.at("opt")),
              choices[static_cast<std::size_t>(number)])
        << number;
  }
  EXPECT_THAT(storage_->ReadTrial("demo", 7).params, SizeIs(1));  // Still running.
}

TEST_P(StorageFixturesTest, ReportsWithNanAndInfinity) {
  const std::vector<double> last = {-0.001,
                                    -0.00049501595537332,
                                    -1.92373050965465e-05,
                                    -2.97233464433565e-05,
                                    -1.1889379831773e-05,
                                    -0.00464586795151248,
                                    -6.84710557668405e-05};
  for (int number = 0; number < 7; ++number) {
    const TrialRecord trial = storage_->ReadTrial("demo", number);
    ASSERT_THAT(trial.intermediate, SizeIs(3)) << number;
    EXPECT_TRUE(std::isnan(trial.intermediate.at(0))) << number;
    EXPECT_EQ(trial.intermediate.at(1), kInf) << number;
    EXPECT_NEAR(trial.intermediate.at(2), last[static_cast<std::size_t>(number)], 1e-15) << number;
  }
  EXPECT_THAT(storage_->ReadTrial("demo", 7).intermediate, IsEmpty());
}

TEST_P(StorageFixturesTest, Attributes) {
  const TrialRecord first = storage_->ReadTrial("demo", 0);
  EXPECT_THAT(first.user_attrs, ElementsAre(Pair("gpu", 0), Pair("src", "me")));
  EXPECT_THAT(first.system_attrs,
              ElementsAre(Pair("fixed_params", nlohmann::json{{"lr", 0.001}, {"opt", "adam"}})));
  EXPECT_THAT(storage_->ReadTrial("demo", 7).user_attrs, IsEmpty());
}

TEST_P(StorageFixturesTest, TwoObjectives) {
  const TrialRecord trial = storage_->ReadTrial("mo", 0);
  ASSERT_THAT(trial.values, SizeIs(2));
  EXPECT_NEAR(trial.values[0], GetParam().x, 1e-15);
  EXPECT_NEAR(trial.values[1], GetParam().y, 1e-15);
  EXPECT_EQ(trial.params.at("x").internal, trial.values[0]);
  if (GetParam().system_attr.empty()) {
    EXPECT_THAT(trial.system_attrs, IsEmpty());
  } else {
    EXPECT_THAT(trial.system_attrs, ElementsAre(Pair(GetParam().system_attr, 0)));
  }
}

TEST_P(StorageFixturesTest, ReadingChangesNothing) {
  const auto file = scratch_.path() / "study.db";
  const auto written = std::filesystem::last_write_time(file);
  storage_->ReadHistory("demo");
  storage_->Studies();
  EXPECT_EQ(std::filesystem::last_write_time(file), written);
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "study.db-wal"));
}

TEST_P(StorageFixturesTest, GoesOn) {
  const TrialRecord next = storage_->StartTrial("demo");
  EXPECT_EQ(next.number, 8);
  auto params = storage_->ReadTrial("demo", 0).params;
  storage_->SetParams("demo", 8, {params, {}});
  storage_->Report("demo", 8, 1, 0.25);
  storage_->FinishTrial("demo", 8, TrialState::kComplete, {0.5});
  const TrialRecord read = OpenStorage(scratch_.Url())->ReadTrial("demo", 8);
  EXPECT_EQ(search::ExternalValues(read.params), search::ExternalValues(params));
  EXPECT_EQ(read.values, std::vector<double>{0.5});
}

INSTANTIATE_TEST_SUITE_P(
    Optuna, StorageFixturesTest,
    ::testing::Values(Fixture{"s310.db", false, 0.0971836411574258, 0.0773371545623686, "nsga2:generation"},
                      Fixture{"s49.db", true, 0.186915357644412, 0.610144580946338,
                              "NSGAIISampler:generation"},
                      Fixture{"s5.db", true, 0.150737819145694, 0.304972025825793, ""}),
    [](const auto& fixture) { return fixture.param.file.substr(0, fixture.param.file.find('.')); });

}  // namespace
}  // namespace yoake::studies
