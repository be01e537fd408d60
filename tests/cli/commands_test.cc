// The commands of an evaluation, run as a user runs them.

#include <gmock/gmock.h>

#include <filesystem>
#include <regex>
#include <set>

#include "core/atomic_file.h"
#include "metrics/coco/eval_result.h"
#include "reports/eval_analyses.h"
#include "tests/cli/command_run.h"
#include "tests/cli/small_set.h"

namespace yoake::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CommandTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ScratchFolder;
    WriteSmallSet(*folder_);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static CommandRun Run(const std::string& arguments) { return RunYoake(*folder_, arguments); }
  static CommandRun Eval(const std::string& arguments) { return Run("eval --gt truth.json " + arguments); }
  static CommandRun Compare(const std::string& arguments) {
    return Run("compare --gt truth.json --replicates 200 " + arguments);
  }
  static CommandRun Check(const std::string& arguments) {
    return Run("check --gt truth.json --replicates 200 " + arguments);
  }
  static void Write(const std::string& name, const json& content) {
    WriteFileAtomically(folder_->path() / name, content.dump());
  }
  static json Read(const std::string& name) { return json::parse(ReadFile(folder_->path() / name)); }

  static ScratchFolder* folder_;
};

ScratchFolder* CommandTest::folder_ = nullptr;

using EvalCommandTest = CommandTest;

TEST_F(EvalCommandTest, ScoresBoxesAndMasks) {
  for (const std::string type : {"bbox", "segm"}) {
    const CommandRun run = Eval("--dt perfect.json --json --iou-type " + type);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json result = run.json();
    EXPECT_EQ(result["stats"]["AP"], 1) << type;
    EXPECT_EQ(result["stats"]["AR100"], 1) << type;
    EXPECT_EQ(result["per_category"][2]["category"], "bus");
    EXPECT_EQ(result["per_category"][2]["n_gt"], 4);
  }
  json misplaced = Read("perfect.json");  // Its boxes are right.
  for (json& detection : misplaced) detection["segmentation"] = misplaced[0]["segmentation"];
  Write("misplaced.json", misplaced);
  EXPECT_EQ(Eval("--dt misplaced.json --json").json()["stats"]["AP"], 1);
  EXPECT_LT(Eval("--dt misplaced.json --json --iou-type segm").json()["stats"]["AP"], 0.1);
}

TEST_F(EvalCommandTest, EveryFormatHoldsTheCategories) {
  const std::string header = "| category | mAP | mAP_50 | mAP_75 | mAP_s | mAP_m | mAP_l |";
  EXPECT_THAT(Eval("--dt old.json --format markdown").out, AllOf(HasSubstr(header), HasSubstr("| person |")));
  EXPECT_THAT(Eval("--dt old.json --format csv").out, AllOf(HasSubstr("mAP_50"), HasSubstr("\nperson,")));
  EXPECT_THAT(Eval("--dt old.json").out, AllOf(HasSubstr("person"), HasSubstr("Average Precision")));
  EXPECT_THAT(Eval("--dt old.json --out table.txt").out, "");
  EXPECT_EQ(ReadFile(folder_->path() / "table.txt"), Eval("--dt old.json").out);
}

TEST_F(EvalCommandTest, EachAnalysisInEachFormat) {
  for (const reports::Analysis& analysis : reports::Analyses()) {
    const std::string arguments = "--dt old.json --analyse " + analysis.name + " --format ";
    for (const std::string format : {"table", "markdown", "csv", "json"}) {
      const CommandRun run = Eval(arguments + format);
      ASSERT_EQ(run.exit_code, 0) << arguments << format << run.err;
      if (format == "json") {
        EXPECT_TRUE(run.json()["analyses"].contains(analysis.name));
      } else if (format == "csv") {
        EXPECT_THAT(run.out, HasSubstr("\n\n# ")) << analysis.name;
      } else {
        EXPECT_GT(run.out.size(), Eval("--dt old.json --format " + format).out.size()) << analysis.name;
      }
    }
  }
}

TEST_F(EvalCommandTest, WritesTheTablesAndPicturesThatTheManualNames) {
  ASSERT_EQ(Eval("--dt old.json --analyse all --analysis-out analyses").exit_code, 0);
  const std::string page = ReadFile(std::string(YOAKE_SOURCE_DIR) + "/docs/eval.md");
  std::set<std::string> named, written;
  static const std::regex row(R"(\n\| `\w+` \|([^|]*)\|([^|]*)\|)"), name("`(\\w+)`");
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it) {
    for (const int cell : {1, 2}) {
      const std::string names = (*it)[cell];
      for (std::sregex_iterator n(names.begin(), names.end(), name); n != end; ++n) {
        named.insert((*n)[1].str() + (cell == 1 ? ".csv" : ".svg"));
      }
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder_->path() / "analyses")) {
    written.insert(entry.path().filename());
  }
  EXPECT_EQ(written, named);
}

TEST_F(EvalCommandTest, CorrectedSaysWhatChanged) {
  json truth = Read("truth.json");
  truth["annotations"][0]["id"] = 0;
  Write("zero.json", truth);
  const CommandRun strict = Run("eval --gt zero.json --dt perfect.json --json");
  EXPECT_THAT(strict.err, HasSubstr("warning: "));
  EXPECT_LT(strict.json()["stats"]["AP"], 1);
  const json corrected = Run("eval --gt zero.json --dt perfect.json --json --corrected").json();
  EXPECT_EQ(corrected["stats"]["AP"], 1);
  EXPECT_EQ(corrected["corrections"][0]["changes"]["mAP"]["after"], 1);
}

TEST_F(EvalCommandTest, AnEmptyResultIsZeros) {
  const CommandRun run = Eval("--dt none.json --json --analyse all");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["stats"]["AP"], 0);
}

TEST_F(EvalCommandTest, BadInputNamesFilePlaceAndValue) {
  WriteFileAtomically(folder_->path() / "nan.json",
                      R"([{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":0.5},)"
                      "\n"
                      R"({"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":NaN}])");
  Write("stranger.json", {{{"image_id", 99}, {"category_id", 1}, {"bbox", {1, 2, 3, 4}}, {"score", 0.5}}});
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"--dt nan.json", {"nan.json", "[1].score", "NaN"}},
      {"--dt stranger.json", {"stranger.json", "detection 0", "image_id 99"}},
      {"--dt missing.json", {"missing.json"}},
      {"--dt old.json --categories prson", {"prson", "did you mean 'person'"}},
      {"--dt old.json --analyse confusoin", {"did you mean 'confusion'"}},
  };
  for (const auto& [arguments, parts] : cases) {
    const CommandRun run = Eval(arguments);
    EXPECT_NE(run.exit_code, 0) << arguments;
    EXPECT_EQ(run.out, "") << arguments;
    for (const std::string& part : parts) EXPECT_THAT(run.err, HasSubstr(part)) << arguments;
  }
  EXPECT_EQ(Eval("--dt nan.json").exit_code, 2);
}

using CompareCommandTest = CommandTest;

TEST_F(CompareCommandTest, TellsBetterFromNoise) {
  const CommandRun run = Compare("old=old.json new=new.json bad=bad.json --json --out comparison");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json result = run.json();
  EXPECT_EQ(result["baseline"], "old");
  const json& fresh = result["models"][0]["stats"]["mAP"];
  const json& bad = result["models"][1]["stats"]["mAP"];
  EXPECT_EQ(fresh["within_noise"], true);
  EXPECT_EQ(bad["within_noise"], false);
  EXPECT_LT(bad["ci_high"], 0);
  EXPECT_DOUBLE_EQ(fresh["value"], Eval("--dt new.json --json").json()["stats"]["AP"]);
  EXPECT_EQ(result["models"][1]["per_category"][0]["category"], "person");
  for (const char* file : {"compare.md", "compare.json", "compare.csv", "img/differences.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_->path() / "comparison" / file)) << file;
  }
  EXPECT_THAT(Compare("old=old.json bad=bad.json").out,
              AllOf(HasSubstr("bad is worse than old"), HasSubstr("bus (4 in 4)")));
}

TEST_F(CompareCommandTest, SeedsOfOneModelAreOneModel) {
  const json result = Compare("old=old.json,old2.json bad=bad.json --json").json();
  EXPECT_EQ(result["baseline_seeds"], 2);
  EXPECT_EQ(result["models"].size(), 1);
  const double mean = (Eval("--dt old.json --json").json()["stats"]["AP"].get<double>() +
                       Eval("--dt old2.json --json").json()["stats"]["AP"].get<double>()) /
                      2;
  EXPECT_DOUBLE_EQ(result["baseline_stats"]["mAP"]["value"], mean);
  EXPECT_THAT(Compare("a=old.json a=new.json").err, HasSubstr("two models are named 'a'"));
}

TEST_F(CompareCommandTest, GroupsByKeyAndByPatternAreTheSame) {
  const CommandRun by_key = Compare("old=old.json new=new.json --json --cluster-by video_id");
  const CommandRun by_pattern = Compare("old=old.json new=new.json --json --cluster-by '/^(video[0-9]+)_/'");
  EXPECT_EQ(by_key.json()["units"], 12);
  EXPECT_EQ(by_key.json()["images"], 60);
  EXPECT_EQ(by_key.out, by_pattern.out);
  EXPECT_EQ(Compare("old=old.json --cluster-by vidoe_id").exit_code, 2);
}

TEST_F(CompareCommandTest, ComparesWhatEvalScores) {
  for (const std::string options :
       {"--iou-type segm", "--iou-thresholds 0.5", "--iou-thresholds 0.3,0.75",
        "--areas small=0:900,large=900:1e5", "--categories person,5", "--class-agnostic", "--corrected",
        "--images video1_frame0.png,2,3,30", "--iou-type segm --images 1,2,3 --categories car"}) {
    const json result = Compare("new=new.json --json " + options).json()["baseline_stats"];
    const json stats = Eval("--dt new.json --json " + options).json()["stats"];
    const std::vector<std::pair<std::string, std::string>> names = {{"mAP", "AP"},    {"mAP_50", "AP50"},
                                                                    {"mAP_s", "APs"}, {"mAP_m", "APm"},
                                                                    {"AR_1", "AR1"},  {"AR_100", "AR100"}};
    for (const auto& [column, stat] : names) {
      EXPECT_EQ(result[column]["value"], stats[stat]) << options << " " << column;
    }
  }
  const json clustered = Compare("new=new.json --json --images 1,2,6,7,8 --cluster-by video_id").json();
  EXPECT_EQ(clustered["images"], 5);
  EXPECT_EQ(clustered["units"], 2);
  const CommandRun tiny = Compare("new=new.json --areas tiny=0:100");
  EXPECT_EQ(tiny.exit_code, 2);
  EXPECT_THAT(tiny.err, HasSubstr("'tiny': a comparison has columns of small, medium and large alone"));
}

using CheckCommandTest = CommandTest;

TEST_F(CheckCommandTest, ExitCodesTellTheVerdict) {
  EXPECT_EQ(Check("--baseline old.json --candidate old.json").exit_code, 0);
  EXPECT_EQ(Check("--baseline old.json --candidate bad.json").exit_code, 1);
  EXPECT_EQ(Check("--baseline old.json --candidate none.json").exit_code, 1);
  EXPECT_EQ(Check("--baseline old.json --candidate new.json").exit_code, 3);
  EXPECT_EQ(Check("--baseline old.json --candidate missing.json").exit_code, 2);
  EXPECT_EQ(Check("--baseline missing.json --candidate old.json").exit_code, 2);
  EXPECT_EQ(Check("--baseline old.json --candidate truth.json").exit_code, 2);
  EXPECT_EQ(Check("--baseline old.json --candidate old.json --alpha 2").exit_code, 2);
  EXPECT_EQ(Check("--baseline old.json").exit_code, 2);
}

TEST_F(CheckCommandTest, WritesJsonMarkdownAndJUnit) {
  const CommandRun run =
      Check("--baseline old.json --candidate bad.json --json --junit check.xml --out check.md");
  const json result = run.json();
  EXPECT_EQ(result["verdict"], "regression");
  EXPECT_EQ(result["mode"], "paired");
  EXPECT_EQ(result["checks"][0]["name"], "mAP");
  EXPECT_EQ(result["checks"][0]["allowed"], 0.005);
  EXPECT_THAT(ReadFile(folder_->path() / "check.md"), HasSubstr("yoake check: regression"));
  EXPECT_THAT(ReadFile(folder_->path() / "check.xml"),
              AllOf(HasSubstr("<failure message="), HasSubstr("name=\"person.mAP\"")));
}

TEST_F(CheckCommandTest, ABaselineMadeFromResultsPassesThem) {
  for (const std::string options : {"", "--iou-type segm", "--iou-thresholds 0.5 --categories person",
                                    "--images 1,2,3,4,5,6,7,8,9 --class-agnostic"}) {
    const std::string files = "--baseline baseline.json --candidate old.json " + options;
    std::filesystem::remove(folder_->path() / "baseline.json");
    ASSERT_EQ(Check(files + " --update-baseline").exit_code, 0) << options;
    const CommandRun run = Check(files + " --json");
    EXPECT_EQ(run.exit_code, 0) << options << run.err;
    const json report = run.json();
    EXPECT_EQ(report["mode"], "paired");
    for (const json& check : report["checks"]) EXPECT_EQ(check["delta"], 0) << options;
    const CommandRun other = Check("--baseline baseline.json --candidate old.json --iou-thresholds 0.75");
    EXPECT_EQ(other.exit_code, 2);
    EXPECT_THAT(other.err, HasSubstr("another truth"));
  }
  EXPECT_EQ(Check("--baseline old.json --candidate new.json --update-baseline").exit_code, 2)
      << "would replace detections";
}

TEST_F(CheckCommandTest, PlainNumbersAreFloors) {
  WriteFileAtomically(folder_->path() / "floors.json", Eval("--dt old.json --json").out);
  const CommandRun same = Check("--baseline floors.json --candidate old.json --json");
  EXPECT_EQ(same.exit_code, 0) << same.out;
  EXPECT_EQ(same.json()["mode"], "floor");
  Write("high.json", {{"mAP", 0.99}});
  EXPECT_EQ(Check("--baseline high.json --candidate old.json").exit_code, 1);
  Write("low.json", {{"mAP", 0.01}, {"person.mAP", 0.01}});
  EXPECT_THAT(Check("--baseline low.json --candidate old.json").out, HasSubstr("A floor check"));
  Write("other.json", {{"mAQ", 0.01}});
  EXPECT_EQ(Check("--baseline other.json --candidate old.json").exit_code, 2);
}

TEST_F(CheckCommandTest, NanScoreNamesFilePlaceAndValue) {
  WriteFileAtomically(folder_->path() / "nan.json",
                      R"([{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":NaN}])");
  for (const std::string files :
       {"--baseline old.json --candidate nan.json", "--baseline nan.json --candidate old.json"}) {
    const CommandRun run = Check(files);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr("nan.json"), HasSubstr("[0].score"), HasSubstr("NaN")));
  }
}

// Four buses prove nothing: losing all of them is reported, but is no regression of the bus by itself.
TEST_F(CheckCommandTest, ACategoryOfFewBoxesIsReportedAndDoesNotDecide) {
  const std::string files = "--baseline old.json --candidate no_bus.json --max-drop 0.9 ";
  const CommandRun run = Check(files);
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, AllOf(HasSubstr("4 boxes in 4 images"), HasSubstr("few, not counted")));
  const json checks = Check(files + "--json").json()["checks"];
  EXPECT_EQ(checks.back()["name"], "bus.mAP");
  EXPECT_EQ(checks.back()["counted"], false);
  EXPECT_EQ(Check(files + "--count-few").exit_code, 3);
}

// Every flag that a page names is one of the commands it is about.
TEST_F(CommandTest, TheManualNamesNoFlagThatHelpDoesNot) {
  const std::string eval = Run("eval --help").out;
  const std::string comparing = Run("compare --help").out + Run("check --help").out;
  const std::vector<std::pair<std::string, std::string>> pages = {
      {"docs/eval.md", eval}, {"docs/parameters.md", eval}, {"docs/uncertainty.md", comparing + eval}};
  static const std::regex flag("--[a-z][a-z-]+");
  for (const auto& [page, help] : pages) {
    const std::string text = ReadFile(std::string(YOAKE_SOURCE_DIR) + "/" + page);
    for (std::sregex_iterator it(text.begin(), text.end(), flag), end; it != end; ++it) {
      EXPECT_THAT(help, HasSubstr(it->str())) << page;
    }
  }
}

}  // namespace
}  // namespace yoake::cli
