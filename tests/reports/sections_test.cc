#include "reports/sections.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "reports/document.h"
#include "reports/plots.h"
#include "reports/study_report.h"
#include "testing.h"

namespace yoake::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(VerdictTest, NamesLeaderLeadAndSecond) {
  const std::string text = VerdictSection(Parsed(FourCombinations({0.30, 0.45, 0.41, 0.2})));
  EXPECT_THAT(
      text, HasSubstr("On `night`, `old / focal` (trial 1) leads with mAP 0.450, 0.040 ahead of `new / bce` "
                      "(trial 2) with 0.410."));
  EXPECT_THAT(text, Not(HasSubstr("Too close"))) << text;
  EXPECT_THAT(text, HasSubstr("cannot tell a difference from noise"));
  EXPECT_THAT(text, HasSubstr("trial 3 (`new / focal`) is the best: mAP 0.330"));
  EXPECT_THAT(text, HasSubstr("4 trials: 4 finished, 0 pruned, 0 failed."));
  EXPECT_THAT(text, Not(HasSubstr("**"))) << "one training a configuration has no bold winner";
}

TEST(VerdictTest, ASmallLeadIsTooCloseToCall) {
  EXPECT_THAT(VerdictSection(Parsed(FourCombinations({0.44, 0.45, 0.41, 0.2}))),
              HasSubstr("Too close to call."));
}

TEST(VerdictTest, UndefinedScoresAreNeitherLeaderNorZero) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  for (auto& trial : study["trials"]) trial["tests"]["night"] = Score(nullptr);
  EXPECT_THAT(VerdictSection(Parsed(study)), HasSubstr("On `night`, no best trial has a defined score."));
  study["trials"][1]["tests"]["night"] = Score(0.1);
  EXPECT_THAT(VerdictSection(Parsed(study)), HasSubstr("`old / focal` (trial 1) scores mAP 0.100."));
}

TEST(VerdictTest, SaysUnequalChancesAndAnUnfinishedStudy) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  study["complete"] = false;
  study["trials"].push_back(Trial(4, "COMPLETE", 0.1, {{"dataset", "old"}, {"loss", "bce"}}));
  study["trials"].push_back(Trial(5, "RUNNING", nullptr, {{"dataset", "old"}, {"loss", "bce"}}));
  EXPECT_THAT(VerdictSection(Parsed(study)), AllOf(HasSubstr("1 to 2 finished trials each"),
                                                   HasSubstr("1 running"), HasSubstr("not come to its end")));
}

TEST(LossBalanceTest, SharesOfTheFirstAndLastLookAndWhatStandsOut) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  EXPECT_EQ(LossBalanceSection(Parsed(study)), "") << "no trainer said anything of it";
  const auto epoch = [](int number, double box, double obj, double cls) {
    return nlohmann::json{{"epoch", number},
                          {"seconds", number},
                          {"metrics", {{"share_bbox", box}, {"share_obj", obj}, {"share_cls", cls}}}};
  };
  study["trials"][1]["curve"] = {
      epoch(1, 0.94, 0.05, 0.01), {{"epoch", 2}, {"metrics", {{"mAP", 0.1}}}}, epoch(3, 0.92, 0.07, 0.01)};
  const std::string text = LossBalanceSection(Parsed(study));
  EXPECT_THAT(text, HasSubstr("| old / focal | 1 | 0.94 → 0.92 | 0.05 → 0.07 | 0.01 → 0.01 |  |"));
  EXPECT_THAT(text, HasSubstr("boxes drown the rest: lower loss.bbox.loss_weight"));
  EXPECT_THAT(text, HasSubstr("classes hardly count: raise loss.cls.loss"));
  EXPECT_THAT(text, Not(HasSubstr("old / bce")));
}

TEST(ConfirmationSectionTest, TheEstimateDecidesAndALuckyValueIsNamed) {
  auto study = EmptyStudy();
  const std::vector<double> values = {0.30, 0.45, 0.40, 0.33, 0.42};  // Runs 3 and 4 repeat 1 and 2.
  for (int i = 0; i < 5; ++i)
    study["trials"].push_back(Trial(i, "COMPLETE", values[static_cast<std::size_t>(i)]));
  EXPECT_EQ(ConfirmationSection(Parsed(study), ""), "");
  EXPECT_EQ(ConfirmationSvg(Parsed(study)), "");
  const auto standing = [](int trial, std::vector<int> runs, double mean, double estimate, double error) {
    return nlohmann::json{
        {"trial", trial}, {"runs", runs}, {"mean", mean}, {"estimate", estimate}, {"standard_error", error}};
  };
  study["standings"] = {standing(2, {2, 4}, 0.41, 0.405, 0.02), standing(1, {1, 3}, 0.39, 0.385, 0.02),
                        standing(0, {0}, 0.3, 0.33, 0.03)};
  study["trials"][2]["folder"] = "trials/2";
  const StudyResults results = Parsed(study);
  const std::string text = ConfirmationSection(results, "img/confirmation.svg");
  EXPECT_THAT(text, HasSubstr("trial 2 is expected to give 0.405 ± 0.020 (2 runs)"));
  EXPECT_THAT(text, HasSubstr("best single value, 0.450, was trial 1's: the mean of its 2 runs is 0.390"));
  EXPECT_THAT(text, HasSubstr("| 2 | 2 | 0.400, 0.420 | 0.410 | 0.405 ± 0.020 |\n| 1 | 2 |"));
  EXPECT_THAT(text, HasSubstr("(img/confirmation.svg)"));
  EXPECT_THAT(ConfirmationSvg(results), HasSubstr("trial 2"));
  const std::string ranking = RankingSection(results, "../study/", 10);
  EXPECT_THAT(ranking, HasSubstr("3 finished trials"));
  EXPECT_THAT(ranking, HasSubstr("| 1 | [2](../study/trials/2) | 0.400 | 2 | 0.405 ± 0.020 |"));
  EXPECT_THAT(VerdictSection(results), HasSubstr("trial 2 is the best: mAP 0.405 ± 0.020 expected"));
  study["standings"][0]["runs"] = {2, 9};
  EXPECT_THROW(Parsed(study), Error);
}

TEST(CombinationsSectionTest, CrossTableAndEffects) {
  auto study = FourCombinations({0.30, 0.45, 0.41, 0.2});
  for (auto& trial : study["trials"]) trial["tests"]["day"] = Score(0.5);
  const std::string text = CombinationsSection(Parsed(study));
  EXPECT_THAT(text, HasSubstr("## Trained on, tested on\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "| trained on | loss | finished | pruned | failed | best trial | validation mAP | day mAP | day "
          "mAP_50 | night mAP | night mAP_50 |"));
  EXPECT_THAT(text, HasSubstr("| old | focal | 1 | 0 | 0 | 1 | 0.310 | 0.500 | 0.500 | 0.450 | 0.450 |"));
  EXPECT_THAT(text, HasSubstr("| dataset: old to new | loss bce | +0.020 | +0.000 | +0.110 |"));
  EXPECT_THAT(text, HasSubstr("| loss: bce to focal | dataset new | +0.010 | +0.000 | -0.210 |"));
}

TEST(CombinationsSectionTest, ValuesOfDifferentValidationSetsAreNotSubtracted) {
  auto study = FourCombinations({0.30, 0.45, 0.41, 0.2});
  for (auto& trial : study["trials"]) {
    trial["config"]["data"]["val"] = trial["variant"]["dataset"].get<std::string>() + ".json";
  }
  const std::string text = CombinationsSection(Parsed(study));
  EXPECT_THAT(text, HasSubstr("| dataset: old to new | loss bce | other set | +0.110 |"));
  EXPECT_THAT(text, HasSubstr("| loss: bce to focal | dataset new | +0.010 | -0.210 |"));
  EXPECT_THAT(VerdictSection(Parsed(study)), HasSubstr("across them only test scores compare"));
  EXPECT_THAT(RankingSection(Parsed(study), "", 10), HasSubstr("within a variant only"));
  EXPECT_THAT(VerdictSection(Parsed(FourCombinations({0.3, 0.4, 0.5, 0.6}))),
              Not(HasSubstr("different sets")));
}

TEST(CombinationsSectionTest, ACombinationWithoutAFinishedTrialKeepsItsRow) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  study["trials"][3] = Failed(3, "diverged", "loss is nan");
  study["trials"][3]["variant"] = {{"dataset", "new"}, {"loss", "focal"}};
  const std::string text = CombinationsSection(Parsed(study));
  EXPECT_THAT(text, HasSubstr("| new | focal | 0 | 0 | 1 | none |  |  |  |"));
  EXPECT_THAT(text, Not(HasSubstr("| loss: bce to focal | dataset new |")));
}

TEST(CategoriesSectionTest, TablesHaveThePromisedColumnsAndNan) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  study["trials"][0]["tests"]["night"] = Score(nullptr, 0, "a|b");
  const std::string text = CategoriesSection(Parsed(study), CategoryDetail::kEveryCombination, {});
  EXPECT_THAT(text, HasSubstr("| category | mAP | mAP_50 | mAP_75 | mAP_s | mAP_m | mAP_l |\n"));
  EXPECT_THAT(text, HasSubstr("| a\\|b | nan | nan | nan | nan | nan | nan |\n| all | nan "));
  EXPECT_THAT(text, HasSubstr("| person | 0.400 |"));
}

TEST(CategoriesSectionTest, NotesCategoriesWithFewBoxes) {
  auto study = EmptyStudy();
  study["trials"] = nlohmann::json::array({Trial(0, "COMPLETE", 0.5)});
  study["trials"][0]["tests"]["night"] = Score(0.5, 12);
  EXPECT_THAT(CategoriesSection(Parsed(study), CategoryDetail::kEveryCombination, {}),
              HasSubstr("person (12)"));
}

TEST(DifferencesTest, ShowsOnlyWhatDiffersAndFoldsTheRest) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  study["trials"][1]["config"]["loss"] = {{"gamma", 2.0}};
  const std::string text = DifferencesSection(Parsed(study));
  EXPECT_THAT(text, HasSubstr("| optimizer.lr | 0.01 | 0.011 | 0.012 | 0.013 |"));
  EXPECT_THAT(text, HasSubstr("| loss.gamma | (absent) | 2 | (absent) | (absent) |"));
  EXPECT_THAT(text, Not(HasSubstr("| optimizer.momentum")));
  EXPECT_THAT(text, HasSubstr("<summary>1 setting in common</summary>\n\n```\noptimizer.momentum = 0.9\n"));
}

TEST(DifferencesTest, ShorteningNeverMakesDifferentValuesLookAlike) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  const std::string tail = "/a/rather/long/folder/for/annotations/train.json";
  for (auto& trial : study["trials"]) {
    trial["config"]["near"] = trial["variant"]["dataset"].get<std::string>() + tail;
    trial["config"]["far"] = tail + "/" + trial["variant"]["dataset"].get<std::string>() + ".json";
  }
  study["trials"][1]["config"]["optimizer"]["lr"] = 0.0100001;
  const std::string text = DifferencesSection(Parsed(study));
  EXPECT_THAT(text, HasSubstr("| near | old" + tail + " | old" + tail + " | new" + tail));
  EXPECT_THAT(text, AllOf(HasSubstr("| far | …"), HasSubstr("/train.json/old.json |")));
  EXPECT_THAT(text, HasSubstr("| optimizer.lr | 0.01 | 0.0100001 |"));
}

TEST(FailuresTest, NamesReasonMessageAndFolder) {
  auto study = EmptyStudy();
  study["trials"] = nlohmann::json::array(
      {Failed(0, "diverged", "loss is nan | <b>\nat step 3"), Failed(1, "crashed", std::string(500, 'x'))});
  const std::string text = FailuresSection(Parsed(study), "../run 1/", 1);
  EXPECT_THAT(
      text,
      HasSubstr(
          "| 0 | diverged | loss is nan \\| &lt;b&gt; at step 3 | [trials/0](../run%201/trials/0) | 1 |"));
  EXPECT_THAT(text, HasSubstr("And 1 more"));
  EXPECT_EQ(FailuresSection(Parsed(EmptyStudy()), "", 10), "");
}

TEST(WarningsTest, EqualOnesAreOneLine) {
  auto study = EmptyStudy();
  study["trials"] = nlohmann::json::array({Trial(0, "COMPLETE", 0.5), Trial(1, "COMPLETE", 0.5)});
  for (auto& trial : study["trials"]) {
    trial["warnings"] = nlohmann::json::array({"boxes were *clipped*"});
    trial["tests"]["night"] = Score(0.5);
    trial["tests"]["night"]["warnings"] = nlohmann::json::array({"no small boxes"});
  }
  EXPECT_EQ(
      WarningsSection(Parsed(study), 10),
      "## Warnings\n\n- boxes were \\*clipped\\* (trials 0, 1)\n- night: no small boxes (trials 0, 1)\n\n");
}

TEST(DocumentTest, DegenerateStudiesStillHaveAReport) {
  struct Case {
    nlohmann::json trials;
    const char* says;
    const char* summary;
  };
  auto with_test = Trial(0, "COMPLETE", 0.5);
  with_test["tests"]["night"] = Score(0.5);
  for (const auto& [trials, says, summary] : std::vector<Case>{
           {nlohmann::json::array(), "no trials yet", "No trial finished of 0 trials."},
           {{Failed(0, "data", "no boxes"), Failed(1, "data", "no boxes")},
            "2 failed (2 data)",
            "of 2 trials"},
           {nlohmann::json::array({Trial(0, "PRUNED", 0.1)}), "**No trial finished**", "of 1 trial."},
           {nlohmann::json::array({Trial(0, "COMPLETE", 0.5)}), "1 trial: 1 finished", "trial 0, mAP 0.500"},
           {nlohmann::json::array({with_test}), "On `night`, trial 0 scores mAP 0.500",
            "optimizer.lr = 0.01"}}) {
    auto study = EmptyStudy();
    study["trials"] = trials;
    const StudyResults results = Parsed(study);
    const std::string document = StudyDocument(results, {});
    EXPECT_THAT(document, AllOf(HasSubstr("# night\n"), HasSubstr(says), HasSubstr("## Provenance")));
    EXPECT_THAT(document, Not(HasSubstr("\n\n\n")));
    EXPECT_THAT(SummaryText(results), HasSubstr(summary));
  }
}

TEST(DocumentTest, ALongReportKeepsToGitHubsLimit) {
  auto study = FourCombinations({0.3, 0.4, 0.5, 0.6});
  for (auto& trial : study["trials"]) {
    auto& rows = trial["tests"]["night"]["per_category"];
    for (int category = 1; category < 80; ++category) {
      rows.push_back(rows[0]);
      rows.back()["category_id"] = category;
      rows.back()["category"] = "a category with a rather long name, number " + std::to_string(category);
    }
    for (const char* test : {"b", "c", "d"}) trial["tests"][test] = trial["tests"]["night"];
  }
  for (int number = 4; number < 300; ++number) {
    study["trials"].push_back(Failed(number, "crashed", std::string(400, 'x')));
    study["trials"].back()["warnings"] = nlohmann::json::array({"warning " + std::to_string(number)});
  }
  const std::string document = StudyDocument(Parsed(study), {});
  EXPECT_LE(document.size(), 65536u);
  EXPECT_THAT(document, AllOf(HasSubstr("only the best trial's tables"), HasSubstr("## Provenance")));
}

TEST(SummaryTest, AlignsTheTableOfEveryCombination) {
  const std::string text = SummaryText(Parsed(FourCombinations({0.3, 0.4, 0.5, 0.6})));
  EXPECT_THAT(text, HasSubstr("night (old / focal, trial 1)\n"
                              "category    mAP  mAP_50  mAP_75  mAP_s  mAP_m  mAP_l\n"
                              "--------  -----  ------  ------  -----  -----  -----\n"
                              "person    0.400   0.400   0.400  0.400  0.400  0.400\n"
                              "all       0.400   0.400   0.400  0.400  0.400  0.400\n"));
  EXPECT_THAT(text, HasSubstr("best configuration: trial 3 (new / focal), mAP 0.330 on the validation set\n"
                              "  optimizer.lr = 0.013\n"));
}

TEST(CsvTest, HasEveryTrialInFullPrecision) {
  auto study = FourCombinations({0.1 + 0.2, 0.4, 0.5, 0.6});
  study["trials"][1]["tests"]["night"] = Score(nullptr);
  const std::string csv = PerCategoryCsv(Parsed(study));
  EXPECT_THAT(csv, testing::StartsWith("test,trial,dataset,loss,category_id,category,mAP,mAP_50,"));
  EXPECT_THAT(csv, HasSubstr("night,0,old,bce,0,person,0.30000000000000004,"));
  EXPECT_THAT(csv, HasSubstr("night,1,old,focal,,all,nan,nan,"));
}

}  // namespace
}  // namespace yoake::reports
