#include "datasets/check.h"

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/error.h"
#include "tests/datasets/testing.h"

namespace yoake::datasets {
namespace {

using testing::HasSubstr;

std::map<std::string, int> Kinds(const CheckReport& report) {
  std::map<std::string, int> kinds;
  for (const Finding& finding : report.findings) ++kinds[ToString(finding.kind)];
  return kinds;
}

const Finding* Find(const CheckReport& report, FindingKind kind) {
  for (const Finding& finding : report.findings) {
    if (finding.kind == kind) return &finding;
  }
  return nullptr;
}

class CheckTest : public FolderTest {
 protected:
  // Three images of 64 x 48, of which `annotations` and `more_images` are added to.
  std::filesystem::path Gt(const std::string& annotations, const std::string& more_images = "",
                           const std::string& name = "gt.json") {
    return Write(name,
                 R"({"images":[{"id":1,"file_name":"a.png","width":64,"height":48},
                               {"id":2,"file_name":"b.png","width":64,"height":48})" +
                     more_images +
                     R"(],"categories":[{"id":1,"name":"car"},{"id":2,"name":"person"}],"annotations":[
                      {"id":1,"image_id":1,"category_id":1,"bbox":[0,0,10,10]},
                      {"id":2,"image_id":2,"category_id":2,"bbox":[0,0,64,48]})" +
                     annotations + "]}");
  }
  void WriteImage(const std::string& name, int width = 64, int height = 48, int grey = 9) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    cv::imwrite((folder_ / name).string(), cv::Mat(height, width, CV_8U, cv::Scalar(grey)));
  }
  void WriteImages() {
    WriteImage("images/a.png", 64, 48, 1);
    WriteImage("images/b.png", 64, 48, 2);
  }
};

TEST_F(CheckTest, ACleanSetHasNoFindings) {
  WriteImages();
  const CheckReport report = CheckDatasets({Gt("")});
  EXPECT_TRUE(report.findings.empty()) << ToText(report);
  EXPECT_EQ(ToJson(report)["errors"], 0);
}

struct LabelCase {
  const char* annotation;
  std::map<std::string, int> kinds;
  Severity severity;
};

TEST_F(CheckTest, EachDefectIsFoundOnceWithItsIds) {
  WriteImages();
  const LabelCase table[] = {
      {R"("bbox":[-1,0,10,20])", {{"box_outside", 1}}, Severity::kWarning},
      {R"("bbox":[-1.5,0,10,20])", {{"box_outside", 1}}, Severity::kError},
      {R"("bbox":[60,0,10,20])", {{"box_outside", 1}}, Severity::kError},
      {R"("bbox":[0,40,10,20])", {{"box_outside", 1}}, Severity::kError},
      {R"("bbox":[500,400,10,20])", {{"box_outside", 1}}, Severity::kError},
      {R"("bbox":[5,5,0,20])", {{"box_zero_area", 1}}, Severity::kError},
      {R"("bbox":[5,5,3,8])", {{"tiny_box", 1}}, Severity::kWarning},
      {R"("bbox":[0,0,10,10])", {{"duplicate_annotation", 1}}, Severity::kError},
      {R"("bbox":[0,0,10,10],"category_id":2)", {{"box_two_categories", 1}}, Severity::kWarning},
      {R"("bbox":[0,0,10,10],"iscrowd":1)", {}, Severity::kInfo},
      {R"("bbox":[0,0,10])", {{"box_invalid", 1}}, Severity::kError},
      {R"("bbox":[0,0,10,-1])", {{"box_invalid", 1}}, Severity::kError},
      {R"("bbox":[0,0,10,NaN])", {{"box_invalid", 1}}, Severity::kError},
      {R"("bbox":[0,0,-Infinity,1],"note":"a \"NaN\" here")", {{"box_invalid", 1}}, Severity::kError},
      {R"("x":1)", {{"missing_key", 1}}, Severity::kError},
      {R"("bbox":[0,0,20,10],"area":"big")", {{"wrong_type", 1}}, Severity::kError},
      {R"("bbox":[0,0,20,10],"category_id":9)", {{"unknown_category", 1}}, Severity::kError},
  };
  for (const LabelCase& row : table) {
    SCOPED_TRACE(row.annotation);
    const std::string members = std::string(row.annotation).find("category_id") == std::string::npos
                                    ? std::string(row.annotation) + R"(,"category_id":1)"
                                    : row.annotation;
    const CheckReport report = CheckDatasets({Gt(R"(,{"id":77,"image_id":1,)" + members + "}")});
    EXPECT_EQ(Kinds(report), row.kinds) << ToText(report);
    for (const Finding& finding : report.findings) {
      EXPECT_EQ(finding.severity, row.severity);
      EXPECT_EQ(finding.annotation_id, 77);
      EXPECT_EQ(finding.image_id, 1);
      EXPECT_THAT(finding.file, HasSubstr("gt.json"));
    }
  }
}

TEST_F(CheckTest, ReferencesAndIds) {
  WriteImages();
  EXPECT_EQ(Kinds(CheckDatasets({Gt(R"(,{"id":9,"image_id":8,"category_id":1,"bbox":[0,0,9,9]})")})),
            (std::map<std::string, int>{{"unknown_image", 1}}));
  EXPECT_EQ(Kinds(CheckDatasets({Gt(R"(,{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,9,9]})")})),
            (std::map<std::string, int>{{"duplicate_id", 1}}));
  const CheckReport zero = CheckDatasets({Gt(R"(,{"id":0,"image_id":1,"category_id":1,"bbox":[0,0,9,9]})")});
  EXPECT_EQ(Kinds(zero), (std::map<std::string, int>{{"id_zero", 1}}));
  EXPECT_EQ(zero.findings[0].severity, Severity::kWarning);
  EXPECT_EQ(zero.findings[0].annotation_id, 0);
}

TEST_F(CheckTest, SeveralDefectsInOneFileAreSeveralFindings) {
  WriteImages();
  const CheckReport report = CheckDatasets({Gt(R"(,{"id":1,"image_id":8,"category_id":1,"bbox":[0,0,9]},7,
                                                  {"id":"x","image_id":1,"category_id":1,"bbox":[90,0,9,9]})")});
  EXPECT_EQ(Kinds(report),
            (std::map<std::string, int>{
                {"duplicate_id", 1}, {"unknown_image", 1}, {"box_invalid", 1}, {"wrong_type", 2}}));
  EXPECT_EQ(ToJson(report)["errors"], 5);
}

TEST_F(CheckTest, ABrokenFileIsOneFinding) {
  const CheckReport report = CheckDatasets({Write("gt.json", "{\"images\": [")});
  EXPECT_EQ(Kinds(report), (std::map<std::string, int>{{"not_json", 1}}));
  EXPECT_EQ(Kinds(CheckDatasets({Write("dt.json", "[]")})).at("wrong_type"), 1);
  EXPECT_THROW(CheckDatasets({folder_ / "none.json"}), Error);
}

TEST_F(CheckTest, ImagesAreLookedAt) {
  WriteImage("images/a.png", 48, 64);
  WriteImage("images/c.jpg", 64, 48);
  const std::string jpeg = ReadFile(folder_ / "images" / "c.jpg");
  Write("images/c.jpg", jpeg.substr(0, jpeg.size() / 2));
  Write("images/d.png", "not an image");
  WriteImage("images/e.png", 64, 48, 77);
  WriteImage("images/f.png", 64, 48, 77);
  const auto gt = Gt("", R"(,{"id":3,"file_name":"c.jpg","width":64,"height":48},
                             {"id":4,"file_name":"d.png","width":64,"height":48},
                             {"id":5,"file_name":"e.png","width":64,"height":48},
                             {"id":6,"file_name":"f.png","width":64,"height":48},
                             {"id":7,"file_name":"f.png","width":64,"height":48})");
  const CheckReport report = CheckDatasets({gt});
  EXPECT_EQ(Kinds(report), (std::map<std::string, int>{{"image_missing", 1},
                                                       {"image_size_mismatch", 1},
                                                       {"image_unreadable", 2},
                                                       {"duplicate_image", 2},
                                                       {"duplicate_file_name", 1},
                                                       {"image_without_boxes", 5}}))
      << ToText(report);
  EXPECT_EQ(Find(report, FindingKind::kImageMissing)->image_id, 2);
  EXPECT_EQ(Find(report, FindingKind::kImageSizeMismatch)->image_id, 1);
  EXPECT_EQ(Find(report, FindingKind::kImageWithoutBoxes)->severity, Severity::kInfo);
  CheckOptions labels_only;
  labels_only.read_images = false;
  EXPECT_EQ(Kinds(CheckDatasets({gt}, labels_only)).count("image_unreadable"), 0u);
}

TEST_F(CheckTest, WithoutAnyImageTheLabelsAreChecked) {
  const CheckReport alone = CheckDatasets({Gt("")});
  EXPECT_EQ(Kinds(alone), (std::map<std::string, int>{{"image_missing", 1}}));
  EXPECT_EQ(alone.Count(Severity::kError), 0);
  CheckOptions options;
  options.image_folder = folder_ / "elsewhere";
  EXPECT_EQ(CheckDatasets({Gt("")}, options).Count(Severity::kError), 1) << "a folder that was named";
}

TEST_F(CheckTest, AnEmptySetHasNothingToLearn) {
  const auto file =
      Write("gt.json", R"({"images":[],"categories":[{"id":1,"name":"car"}],"annotations":[]})");
  EXPECT_EQ(Kinds(CheckDatasets({file})),
            (std::map<std::string, int>{{"nothing_to_learn", 1}, {"category_unused", 1}}));
}

TEST_F(CheckTest, LeakageBetweenSplits) {
  WriteImages();
  WriteImage("val/images/b.png", 64, 48, 33);
  WriteImage("val/images/a.png", 64, 48, 34);
  const auto train = Gt("");
  const auto other_bytes = Gt("", "", "val/gt.json");
  const CheckReport names = CheckDatasets({train, other_bytes});
  EXPECT_EQ(Kinds(names), (std::map<std::string, int>{{"leakage", 2}}));
  EXPECT_EQ(names.Count(Severity::kWarning), 2) << "the same names of other images";

  std::filesystem::copy_file(folder_ / "images" / "b.png", folder_ / "val" / "images" / "a.png",
                             std::filesystem::copy_options::overwrite_existing);
  const CheckReport bytes = CheckDatasets({train, other_bytes});
  EXPECT_EQ(bytes.Count(Severity::kError), 1);
  EXPECT_EQ(bytes.Count(Severity::kWarning), 1);
  EXPECT_THAT(bytes.findings[0].message, HasSubstr("same bytes"));
  EXPECT_THAT(bytes.findings[0].file, HasSubstr("val"));

  EXPECT_EQ(Kinds(CheckDatasets({train, train})).at("leakage"), 2);
}

TEST_F(CheckTest, TheTextIsCutButCountsAll) {
  WriteImages();
  std::string many;
  for (int i = 10; i < 30; ++i) {
    many += ",{\"id\":" + std::to_string(i) + R"(,"image_id":1,"category_id":1,"bbox":[1,)" +
            std::to_string(i) + ",1,1]}";
  }
  const std::string text = ToText(CheckDatasets({Gt(many)}), 3);
  EXPECT_THAT(text, HasSubstr("tiny_box                   20\n"));
  EXPECT_THAT(text, HasSubstr("and 17 more"));
  EXPECT_THAT(text, HasSubstr("0 errors, 20 warnings, 0 notes"));
}

// The sets' README names what is wrong with them.
TEST(CheckReferenceTest, FindsTheKnownDefectsOfBccd) {
  YOAKE_SKIP_WITHOUT_SHARED();
  const auto folder = SharedFolder() / "data" / "bccd" / "annotations";
  CheckOptions options;
  options.read_images = false;
  const CheckReport report = CheckDatasets({folder / "raw_defects.json"}, options);
  const auto kinds = Kinds(report);
  ASSERT_EQ(kinds.at("box_zero_area"), 2) << ToText(report);
  EXPECT_EQ(kinds.count("image_missing"), 0u);
  std::string boxes;
  for (const Finding& finding : report.findings) {
    if (finding.kind == FindingKind::kBoxZeroArea) boxes += finding.message;
  }
  EXPECT_THAT(boxes, testing::AllOf(HasSubstr("[504, 337, 0, 0]"), HasSubstr("[181, 329, 0, 0]")));
  EXPECT_EQ(Kinds(CheckDatasets({folder / "train.json"}, options)).count("box_zero_area"), 0u);
}

TEST(CheckReferenceTest, TheThermalSetIsCleanAndItsSplitsDoNotLeak) {
  YOAKE_SKIP_WITHOUT_SHARED();
  const auto folder = SharedFolder() / "data" / "hituav_day" / "annotations";
  const CheckReport report = CheckDatasets({folder / "train.json", folder / "val.json"});
  EXPECT_EQ(report.Count(Severity::kError), 0) << ToText(report);
  EXPECT_EQ(Kinds(report).at("category_unused"), 1) << "day val has no other_vehicle";
  const CheckReport leak = CheckDatasets({folder / "train.json", folder / "official_valtest.json"});
  EXPECT_GT(Kinds(leak)["leakage"], 10);
}

}  // namespace
}  // namespace yoake::datasets
