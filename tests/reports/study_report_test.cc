#include "reports/study_report.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tests/support/scratch_folder.h"

namespace yoake::reports {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(YOAKE_SOURCE_DIR) / "tests/reports/golden/study";

class StudyReportTest : public testing::Test {
 protected:
  const ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();

  void SetUp() override {
    fs::create_directories(folder_ / "study");
    fs::copy(kGolden / "results.json", folder_ / "study/results.json");
  }
};

// Every file below `folder` by its relative path.
std::map<std::string, std::string> Files(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(folder).generic_string()] = ReadFile(entry);
  }
  return files;
}

// YOAKE_UPDATE_GOLDEN=1 writes what comes out now over the golden files; then read them with your own eyes.
TEST_F(StudyReportTest, EqualsTheGoldenFilesByteByByte) {
  EXPECT_EQ(WriteStudyReport(folder_ / "study"), folder_ / "study/report.md");
  const auto written = Files(folder_ / "study");
  if (std::getenv("YOAKE_UPDATE_GOLDEN") != nullptr) {
    for (const auto& [name, content] : written) WriteFileAtomically(kGolden / name, content);
    GTEST_SKIP() << "golden files written anew: " << kGolden;
  }
  const auto golden = Files(kGolden);
  std::vector<std::string> names;
  for (const auto& [name, content] : golden) names.push_back(name);
  EXPECT_THAT(names, testing::Contains("img/history.svg"));
  for (const auto& [name, content] : written) {
    ASSERT_TRUE(golden.contains(name)) << name << " is new";
    EXPECT_TRUE(golden.at(name) == content) << name << " differs from tests/reports/golden/study";
  }
  EXPECT_EQ(written.size(), golden.size());
}

TEST_F(StudyReportTest, WritingAgainChangesNothing) {
  WriteStudyReport(folder_ / "study");
  const auto first = Files(folder_ / "study");
  WriteStudyReport(folder_ / "study");
  EXPECT_EQ(Files(folder_ / "study"), first);
}

TEST_F(StudyReportTest, AnotherFolderLinksBackToTheStudy) {
  const fs::path report = WriteStudyReport(folder_ / "study", folder_ / "docs/night");
  EXPECT_EQ(report, folder_ / "docs/night/report.md");
  EXPECT_THAT(ReadFile(report), testing::HasSubstr("[trials/6](../../study/trials/6)"));
  EXPECT_TRUE(fs::exists(folder_ / "docs/night/img/curves.svg"));
  EXPECT_FALSE(fs::exists(folder_ / "study/report.md"));
}

TEST_F(StudyReportTest, EveryRelativeLinkOfTheReportIsThere) {
  const std::string text = ReadFile(WriteStudyReport(folder_ / "study"));
  int pictures = 0;
  for (auto at = text.find("](img/"); at != std::string::npos; at = text.find("](img/", at + 1)) {
    const std::string link = text.substr(at + 2, text.find(')', at) - at - 2);
    EXPECT_TRUE(fs::exists(folder_ / "study" / link)) << link;
    ++pictures;
  }
  EXPECT_EQ(pictures, 4) << "history, curves and two test sets";
}

TEST_F(StudyReportTest, AFolderThatIsNoStudyIsNamed) { EXPECT_THROW(WriteStudyReport(folder_), Error); }

}  // namespace
}  // namespace yoake::reports
