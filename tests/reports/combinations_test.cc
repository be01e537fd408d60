#include "reports/combinations.h"

#include <gmock/gmock.h>

#include "testing.h"

namespace yoake::reports {
namespace {

TEST(CombinationsTest, FollowTheFactorsOrderNotTheTrials) {
  auto study = EmptyStudy();
  study["factors"] = {{"dataset", {"old", "new"}}, {"loss", {"focal", "bce"}}};
  study["trials"] = nlohmann::json::array({Trial(0, "FAIL", nullptr, {{"dataset", "new"}, {"loss", "bce"}}),
                                           Trial(1, "COMPLETE", 0.4, {{"dataset", "new"}, {"loss", "focal"}}),
                                           Trial(2, "COMPLETE", 0.3, {{"dataset", "old"}, {"loss", "bce"}}),
                                           Trial(3, "COMPLETE", 0.5, {{"dataset", "old"}, {"loss", "bce"}}),
                                           Trial(4, "PRUNED", 0.9, {{"dataset", "old"}, {"loss", "bce"}})});
  const StudyResults results = Parsed(study);
  const auto combinations = Combinations(results);
  ASSERT_EQ(combinations.size(), 3u);
  EXPECT_EQ(combinations[0].label, "old / bce");
  EXPECT_EQ(combinations[1].label, "new / focal");
  EXPECT_EQ(combinations[2].label, "new / bce");
  EXPECT_EQ(combinations[0].best->number, 3) << "a pruned trial is never the best";
  EXPECT_EQ(combinations[0].Count(search::TrialState::kComplete), 2u);
  EXPECT_EQ(combinations[2].best, nullptr);
  EXPECT_EQ(FinishedCombinations(results).size(), 2u);
}

TEST(CombinationsTest, RankingKnowsTheDirectionAndBreaksTiesByNumber) {
  auto study = EmptyStudy();
  study["trials"] =
      nlohmann::json::array({Trial(0, "COMPLETE", 0.5), Trial(1, "COMPLETE", 0.2), Trial(2, "COMPLETE", 0.5),
                             Trial(3, "COMPLETE", nullptr), Trial(4, "RUNNING", 0.1)});
  const auto numbers = [&] {
    std::vector<int> list;
    const StudyResults results = Parsed(study);
    for (const TrialResult* trial : Ranking(results)) list.push_back(trial->number);
    return list;
  };
  EXPECT_THAT(numbers(), testing::ElementsAre(0, 2, 1));
  study["direction"] = "minimize";
  EXPECT_THAT(numbers(), testing::ElementsAre(1, 0, 2));
}

TEST(CombinationsTest, AStudyWithoutVariantsIsOneCombination) {
  auto study = EmptyStudy();
  study["trials"] = nlohmann::json::array({Trial(0, "COMPLETE", 0.5), Trial(1, "COMPLETE", 0.6)});
  const StudyResults results = Parsed(study);
  ASSERT_EQ(Combinations(results).size(), 1u);
  EXPECT_EQ(Combinations(results)[0].best->number, 1);
  EXPECT_TRUE(Combinations(Parsed(EmptyStudy())).empty());
}

TEST(CombinationsTest, TestsAreComparedByTheStudysMetricWhereTheTableHasIt) {
  auto study = EmptyStudy();
  study["trials"] = nlohmann::json::array({Trial(0, "COMPLETE", 0.5)});
  study["trials"][0]["tests"]["night"] = Score(0.5);
  for (const auto& [metric, used] : std::vector<std::pair<const char*, const char*>>{
           {"mAP_50", "mAP_50"}, {"person.mAP", "person.mAP"}, {"loss", "mAP"}, {"dog.mAP", "mAP"}}) {
    study["metric"] = metric;
    const StudyResults results = Parsed(study);
    EXPECT_EQ(TestMetric(results, results.trials[0].tests.at("night")), used);
  }
}

}  // namespace
}  // namespace yoake::reports
