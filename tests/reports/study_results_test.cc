#include "reports/study_results.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "core/error.h"
#include "testing.h"

namespace yoake::reports {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

TEST(StudyResultsTest, ReadsEveryField) {
  json study = EmptyStudy();
  study["provenance"]["slot_idle_seconds"] = {{"median", 0.1}, {"max", 0.5}};
  study["provenance"]["datasets"] = nlohmann::json::array({{{"role", "train"},
                                                            {"variant", "old"},
                                                            {"name", "n"},
                                                            {"file", "f.json"},
                                                            {"sha256", "ab"},
                                                            {"images", 3},
                                                            {"annotations", 9}}});
  study["factors"] = {{"dataset", {"old", "new"}}};
  json trial = Trial(4, "PRUNED", 0.25, {{"dataset", "old"}});
  trial["message"] = "below the median";
  trial["curve"] = {{{"epoch", 2}, {"seconds", nullptr}, {"metrics", {{"mAP", nullptr}, {"loss", "inf"}}}},
                    {{"epoch", 1}, {"seconds", 3.5}, {"metrics", {{"mAP", 0.1}}}}};
  trial["tests"]["night"] = Score(nullptr);
  study["trials"] = nlohmann::json::array({trial, Trial(1, "RUNNING", nullptr)});
  const StudyResults results = Parsed(study);
  EXPECT_EQ(results.provenance.seed, 7u);
  EXPECT_EQ(results.provenance.slot_idle_max_s, 0.5);
  EXPECT_EQ(results.provenance.datasets.at(0).annotations, 9);
  EXPECT_THAT(results.factors.at(0).levels, testing::ElementsAre("old", "new"));
  ASSERT_EQ(results.trials.size(), 2u);
  EXPECT_EQ(results.trials[0].number, 1) << "sorted by number";
  const TrialResult& pruned = results.trials[1];
  EXPECT_EQ(pruned.state, search::TrialState::kPruned);
  EXPECT_EQ(pruned.message, "below the median");
  EXPECT_FALSE(pruned.reason);
  ASSERT_EQ(pruned.curve.size(), 2u);
  EXPECT_EQ(pruned.curve[0].epoch, 1);
  EXPECT_FALSE(pruned.curve[1].metrics.at("mAP"));
  EXPECT_TRUE(std::isinf(*pruned.curve[1].metrics.at("loss")));
  EXPECT_FALSE(pruned.tests.at("night").stats.AP);
}

TEST(StudyResultsTest, KeysOfALaterVersionAreIgnored) {
  json study = EmptyStudy();
  study["gate"] = {{"verdict", "pass"}};
  study["trials"] = nlohmann::json::array({Trial(0, "COMPLETE", 0.5)});
  study["trials"][0]["peak_memory_mb"] = 900;
  EXPECT_EQ(Parsed(study).trials.size(), 1u);
}

TEST(StudyResultsTest, RefusesWhatItCannotTrustAndSaysWhere) {
  struct Case {
    std::function<void(json*)> spoil;
    const char* where;
    const char* message;
  };
  const std::vector<Case> cases = {
      {[](json* s) { (*s)["schema"] = 2; }, "$.schema", "schema 2 is not known"},
      {[](json* s) { s->erase("schema"); }, "$", "'schema' is required"},
      {[](json* s) { s->erase("trials"); }, "$", "'trials' is required"},
      {[](json* s) { (*s)["direction"] = "up"; }, "$.direction", "up"},
      {[](json* s) { (*s)["trials"][0]["state"] = "DONE"; }, "$.trials[0].state", "DONE"},
      {[](json* s) { (*s)["trials"][0]["value"] = "high"; }, "$.trials[0].value", "expected a number"},
      {[](json* s) { (*s)["trials"][0]["params"] = json::array(); }, "$.trials[0].params",
       "expected an object"},
      {[](json* s) { (*s)["trials"].push_back(Trial(0, "FAIL", nullptr)); }, "$.trials",
       "trial number 0 stands twice"},
      {[](json* s) {
         (*s)["trials"][0]["tests"]["night"] = {{"stats", 3}};
       },
       "$.trials[0].tests.night", ""},
  };
  for (const Case& each : cases) {
    json study = EmptyStudy();
    study["trials"] = nlohmann::json::array({Trial(0, "COMPLETE", 0.5)});
    each.spoil(&study);
    try {
      Parsed(study);
      ADD_FAILURE() << "accepted: " << each.where;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData);
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr("results.json"), HasSubstr(each.where), HasSubstr(each.message)));
    }
  }
}

TEST(StudyResultsTest, AMissingFileSaysWhatToGive) {
  try {
    ReadStudyResults("nowhere/results.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("nowhere/results.json"), HasSubstr("study's folder")));
  }
}

}  // namespace
}  // namespace yoake::reports
