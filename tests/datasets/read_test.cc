#include "datasets/read.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <ctime>
#include <opencv2/imgcodecs.hpp>

#include "core/error.h"
#include "core/rng.h"
#include "datasets/coco.h"
#include "tests/datasets/testing.h"
#include "tests/support/message_of.h"

namespace yoake::datasets {
namespace {

using testing::HasSubstr;

constexpr char kImages[] = R"("images":[{"id":5,"file_name":"a.png","width":64,"height":48}])";
constexpr char kCategories[] = R"("categories":[{"id":1,"name":"car"}])";

std::string File(const std::string& images, const std::string& categories, const std::string& annotations) {
  return "{" + images + "," + categories + ",\"annotations\":" + annotations + "}";
}

std::string FileWith(const std::string& annotation) {
  return File(kImages, kCategories,
              "[{\"id\":7,\"image_id\":5,\"category_id\":1,\"bbox\":[1,2,3,4]}," + annotation + "]");
}

class ReadCocoTest : public FolderTest {
 protected:
  Dataset Read(const std::string& text) { return ReadCoco(Write("gt.json", text)); }
};

struct Accepted {
  const char* why;
  std::string text;
};

TEST_F(ReadCocoTest, AcceptsWhatCocoLeavesOpen) {
  const Accepted table[] = {
      {"no area, no iscrowd", FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})")},
      {"id 0", FileWith(R"({"id":0,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})")},
      {"id 2^53", FileWith(R"({"id":9007199254740992,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})")},
      {"ids as whole reals", FileWith(R"({"id":8.0,"image_id":5.0,"category_id":1.0,"bbox":[0,0,1,1]})")},
      {"polygons",
       FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"segmentation":[[1,2,3,4,5,6]]})")},
      {"RLE before the box",
       FileWith(
           R"({"segmentation":{"size":[4,4],"counts":[[1],2],"bbox":[9]},"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})")},
      {"nulls",
       FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"area":null,"iscrowd":null})")},
      {"iscrowd true", FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"iscrowd":true})")},
      {"extra keys",
       FileWith(
           R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"x":{"id":[9,{"id":3}]},"score":0.5})")},
      {"zero size", FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,0,0]})")},
      {"outside", FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[-5,-5,900,1e3]})")},
      {"foreign sources",
       R"({"sources":[{"url":"x"}],)" +
           FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})").substr(1)},
  };
  for (const Accepted& row : table) {
    SCOPED_TRACE(row.why);
    const Dataset dataset = Read(row.text);
    EXPECT_EQ(dataset.annotations.size(), 2u);
    EXPECT_EQ(dataset.annotations[0].box, (Box{1, 2, 3, 4}));
    EXPECT_EQ(dataset.annotations[0].area, 12);
    EXPECT_FALSE(dataset.annotations[0].crowd);
    EXPECT_EQ(dataset.images[0].id, ImageId{5});
    EXPECT_EQ(dataset.sources.size(), 1u);
  }
  EXPECT_TRUE(Read(table[7].text).annotations[1].crowd);
  EXPECT_EQ(Read(table[2].text).annotations[1].id, AnnotationId{9007199254740992});
}

TEST_F(ReadCocoTest, KeepsTheIgnoreKeyWhateverItIs) {
  const auto ignored = [&](const std::string& value) {
    const std::string rest = R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"iscrowd":)";
    const bool good = Read(FileWith("{\"ignore\":" + value + "," + rest + "0}")).annotations[1].ignore;
    const bool odd = Read(FileWith("{\"ignore\":" + value + "," + rest + "true}")).annotations[1].ignore;
    EXPECT_EQ(good, odd) << value;  // Read in two ways.
    return good;
  };
  for (const char* yes : {"1", "true", "1.0"}) EXPECT_TRUE(ignored(yes)) << yes;
  for (const char* no : {"0", "false", "0.0", "null", "\"1\"", "[1]", "{}"}) EXPECT_FALSE(ignored(no)) << no;
}

TEST_F(ReadCocoTest, AnEmptyDatasetReadsButIsNotUsable) {
  const std::string no_image[] = {"\"images\":[]", kCategories, "[]"};
  const Dataset without_images = Read(File(no_image[0], no_image[1], no_image[2]));
  const Dataset without_categories = Read(File(kImages, "\"categories\":[]", "[]"));
  const Dataset without_boxes = Read(File(kImages, kCategories, "[]"));
  const auto complaint = [](const Dataset& dataset) -> std::string {
    try {
      RequireUsable(dataset, "study.json: $.data.train");
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_THAT(complaint(without_images),
              HasSubstr("study.json: $.data.train: the dataset 'gt' has no images"));
  EXPECT_THAT(complaint(without_categories), HasSubstr("no categories"));
  EXPECT_THAT(complaint(without_boxes), HasSubstr("no boxes"));
  EXPECT_EQ(complaint(Read(FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})"))), "none");
}

struct Rejected {
  std::string text;
  std::vector<const char*> said;  // All of these stand in the message.
};

TEST_F(ReadCocoTest, SaysWhatIsWrongAndWhere) {
  const auto annotation = [](const std::string& members) { return FileWith("{" + members + "}"); };
  const Rejected table[] = {
      {"", {"not valid JSON", "line 1"}},
      {"{\"images\":[\n{\"id\":1,}]}", {"line 2", "$.images[0]"}},
      {"{} x", {"not valid JSON"}},
      {"[]", {"detection results"}},
      {"3", {"expected an object"}},
      {"{}", {"'images' is missing"}},
      {"{\"images\":{},\"annotations\":[],\"categories\":[]}", {"$.images: expected an array"}},
      {"{\"images\":[],\"annotations\":[]}", {"'categories' is missing"}},
      {"{\"images\":[],\"categories\":[]}", {"'annotations' is missing"}},
      {File("\"images\":[7]", kCategories, "[]"), {"$.images[0]", "expected an object"}},
      {File("\"images\":[{\"file_name\":\"a\",\"width\":1,\"height\":1}]", kCategories, "[]"),
       {"'id' is missing"}},
      {File("\"images\":[{\"id\":-1,\"file_name\":\"a\",\"width\":1,\"height\":1}]", kCategories, "[]"),
       {"0 to 2^53", "-1"}},
      {File("\"images\":[{\"id\":9007199254740993,\"file_name\":\"a\",\"width\":1,\"height\":1}]",
            kCategories, "[]"),
       {"2^53"}},
      {File("\"images\":[{\"id\":18446744073709551615,\"file_name\":\"a\",\"width\":1,\"height\":1}]",
            kCategories, "[]"),
       {"2^53"}},
      {File("\"images\":[{\"id\":\"5\",\"file_name\":\"a\",\"width\":1,\"height\":1}]", kCategories, "[]"),
       {"the string \"5\""}},
      {File("\"images\":[{\"id\":5,\"width\":1,\"height\":1}]", kCategories, "[]"),
       {"(id 5)", "'file_name' is missing"}},
      {File("\"images\":[{\"id\":5,\"file_name\":\"\",\"width\":1,\"height\":1}]", kCategories, "[]"),
       {"not empty"}},
      {File("\"images\":[{\"id\":5,\"file_name\":\"a\",\"width\":0,\"height\":1}]", kCategories, "[]"),
       {"'width'", "above 0"}},
      {File("\"images\":[{\"id\":5,\"file_name\":\"a\",\"width\":1}]", kCategories, "[]"),
       {"'height'", "nothing"}},
      {File("\"images\":[{\"id\":5,\"file_name\":\"a\"}]", kCategories, "[]"),
       {"'width' and 'height' are missing", "No such file"}},
      {File("\"images\":[{\"id\":5,\"file_name\":\"a\",\"width\":1,\"height\":1},{\"id\":5,\"file_name\":"
            "\"b\",\"width\":1,\"height\":1}]",
            kCategories, "[]"),
       {"$.images[1]", "id 5 stands twice"}},
      {File(kImages, "\"categories\":[{\"id\":1,\"name\":\"a\"},{\"id\":1,\"name\":\"b\"}]", "[]"),
       {"$.categories[1]", "id 1 stands twice"}},
      {File(kImages, "\"categories\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"a\"}]", "[]"),
       {"the name 'a' stands twice"}},
      {File(kImages, "\"categories\":[{\"id\":1}]", "[]"), {"'name' is missing"}},
      {annotation(R"("id":7,"image_id":5,"category_id":1,"bbox":[0,0,1,1])"),
       {"$.annotations[1] (id 7)", "stands twice"}},
      {annotation(R"("id":8,"image_id":6,"category_id":1,"bbox":[0,0,1,1])"),
       {"(id 8)", "'image_id' is 6", "1 of them, ids 5 to 5"}},
      {annotation(R"("id":8,"image_id":5,"category_id":2,"bbox":[0,0,1,1])"),
       {"(id 8)", "'category_id' is 2"}},
      {annotation(R"("id":8,"image_id":5,"bbox":[0,0,1,1])"), {"'category_id' is missing"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1)"), {"'bbox' is missing"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,1])"), {"four numbers", "3 elements"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1,1])"), {"5 elements"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":{"x":1})"), {"four numbers", "an object"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,"1",1])"), {"[2] is the string \"1\""}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,[0],1,1])"), {"[1] is an array"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,-1,1])"), {"negative size -1 x 1"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,1e999,1])"),
       {"$.annotations[1] (id 8)", "[2] is NaN or infinite"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,NaN,1])"),
       {"$.annotations[1] (id 8)", "[2] is NaN or infinite"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"area":"x")"),
       {"'area'", "the string \"x\""}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"area":-1)"), {"'area'"}},
      {annotation(R"("id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1],"iscrowd":2)"),
       {"'iscrowd' must be 0 or 1"}},
  };
  for (const Rejected& row : table) {
    SCOPED_TRACE(row.text);
    try {
      Read(row.text);
      ADD_FAILURE() << "was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData);
      EXPECT_THAT(error.what(), HasSubstr("gt.json: "));
      for (const char* said : row.said) EXPECT_THAT(error.what(), HasSubstr(said));
    }
  }
}

TEST_F(ReadCocoTest, AMissingSizeComesFromTheImage) {
  std::filesystem::create_directories(folder_ / "images");
  cv::imwrite((folder_ / "images" / "a.png").string(), cv::Mat(30, 40, CV_8U, cv::Scalar(9)));
  const Dataset dataset = Read(File("\"images\":[{\"id\":5,\"file_name\":\"a.png\"}]", kCategories, "[]"));
  EXPECT_EQ(dataset.images[0].width, 40);
  EXPECT_EQ(dataset.images[0].height, 30);
  EXPECT_EQ(dataset.images[0].path, folder_ / "images" / "a.png");
}

TEST_F(ReadCocoTest, FindsTheImageFolder) {
  const std::string text = FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})");
  const auto file = Write("annotations/gt.json", text);
  Write("annotations/a.png", "");
  EXPECT_EQ(ReadCoco(file).images[0].path, folder_ / "annotations" / "a.png");
  Write("images/a.png", "");
  EXPECT_EQ(ReadCoco(file).images[0].path, folder_ / "images" / "a.png");
  Write("annotations/images/a.png", "");
  EXPECT_EQ(ReadCoco(file).images[0].path, folder_ / "annotations" / "images" / "a.png");
  EXPECT_EQ(ReadCoco(file, "elsewhere").images[0].path, "elsewhere/a.png");
}

TEST_F(ReadCocoTest, ReadsMasksWhereTheyAreAskedFor) {
  const auto read = [](const std::string& text, int threads) {
    return ReadCoco(TextFile::Copy(text, "gt.json"), "images", {{threads, 32}, true});
  };
  const auto with = [](const std::string& segmentation) {
    return File(kImages, kCategories,
                R"([{"id":7,"image_id":5,"category_id":1,"bbox":[1,2,3,4],"iscrowd":0,"segmentation":)"
                R"([[10,10,20,10,20,30]]},{"segmentation":)" +
                    segmentation +
                    R"(,"id":8,"image_id":5.0,"category_id":1,"bbox":[1,2,3,4],"iscrowd":true}])");
  };
  for (const int threads : {1, 3}) {
    const Dataset counts = read(with(R"({"size":[48,64],"counts":[10,20,3042]})"), threads);
    ASSERT_EQ(counts.masks.size(), 2u);
    EXPECT_EQ(counts.masks[0], MaskFromPolygons({{10, 10, 20, 10, 20, 30}}, 48, 64));
    EXPECT_EQ(counts.masks[1], MaskFromCounts({10, 20, 3042}, 48, 64));
    const Dataset text =
        read(with("{\"counts\":\"" + MaskString(counts.masks[1]) + "\",\"size\":[48,64]}"), threads);
    EXPECT_EQ(text.masks, counts.masks);
    const auto complaint = [&](const std::string& segmentation) {
      return MessageOf([&] { read(with(segmentation), threads); });
    };
    EXPECT_EQ(complaint("null"),
              "gt.json: the annotation of id 8 has no 'segmentation'; masks cannot be scored");
    EXPECT_THAT(complaint("[]"),
                HasSubstr("gt.json: $.annotations[1].segmentation: expected at least one polygon"));
    EXPECT_THAT(complaint("[[1,2,3,4,5]]"), HasSubstr("gt.json: $.annotations[1].segmentation: "));
    EXPECT_THAT(complaint("[[1,2,3,\"4\",5,6]]"),
                HasSubstr("$.annotations[1].segmentation[0][3]: expected a number, got the string \"4\""));
    EXPECT_THAT(complaint("[[1,2,,4,5,6]]"),
                HasSubstr("$.annotations[1].segmentation[0][2]: expected a number"));
    EXPECT_THAT(complaint("\"x\""), HasSubstr("$.annotations[1].segmentation: expected polygons"));
  }
  EXPECT_TRUE(Read(with("null")).masks.empty());
}

// Foreign bytes: whatever is cut or changed, the reader reads or says kData.
TEST_F(ReadCocoTest, DamagedFilesNeverDoAnythingElse) {
  const std::string whole = R"({"sources":["a","b"],)" +
                            FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0.5,0,1e2,1],"area":2,)"
                                     R"("segmentation":{"counts":[[1],2]},"iscrowd":0})")
                                .substr(1);
  const std::string alphabet = "{}[],:\"0-.eEn tx\\\xff";
  RandomStream random(11);
  int read = 0;
  const auto attempt = [&](const std::string& text) {
    try {
      const RawCoco raw = ParseRawCoco(TextFile::Copy(text, "gt.json"));
      AssembleCoco(raw, folder_,
                   [](const Finding& problem) { throw Error(ErrorKind::kData, problem.message); });
      ++read;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kData) << text;
    }
  };
  for (std::size_t size = 0; size < whole.size(); ++size) attempt(whole.substr(0, size));
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole;
    for (std::int64_t edits = random.Int(1, 3); edits > 0; --edits) {
      text[random.Below(text.size())] = alphabet[random.Below(alphabet.size())];
    }
    attempt(text);
  }
  EXPECT_GT(read, 50) << "changes of names and numbers still read";
}

TEST_F(ReadCocoTest, ALargeFileTakesSeconds) {
  std::string annotations = "[";
  for (int i = 0; i < 300000; ++i) {
    annotations += (i > 0 ? "," : "") + std::string("{\"segmentation\":[[1.25,2.5,3.75,4.125]],\"id\":") +
                   std::to_string(i) +
                   R"(,"image_id":5,"category_id":1,"bbox":[1.25,2.5,3.75,4.125],"area":15.4,"iscrowd":0})";
  }
  const auto file = Write("gt.json", File(kImages, kCategories, annotations + "]"));
  const std::clock_t start = std::clock();  // Of the processor: others may use it too.
  EXPECT_EQ(ReadCoco(file).annotations.size(), 300000u);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const double megabytes = static_cast<double>(std::filesystem::file_size(file)) / 1e6;
  RecordProperty("megabytes_per_second", std::to_string(megabytes / seconds));
  // Far above what it takes (0.5 s): only a quadratic reader fails this.
  EXPECT_LT(seconds, 30) << megabytes << " MB";
}

class DatasetSpecTest : public FolderTest {
 protected:
  static DatasetSpec Parse(const std::string& text) {
    const nlohmann::json json = ParseJson(text, "study.json");
    return ParseDatasetSpec(JsonReader(json, "study.json", "$.data.train"), "/base");
  }
  static std::string Complaint(const std::string& text) {
    try {
      Parse(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
};

TEST_F(DatasetSpecTest, PathsAreResolvedAndVariablesFilledIn) {
  setenv("YOAKE_TEST_DATA", "/data", 1);
  unsetenv("YOAKE_TEST_NONE");
  EXPECT_EQ(Parse("\"day/train.json\"").annotations,
            std::vector<std::filesystem::path>{"/base/day/train.json"});
  const DatasetSpec spec = Parse(R"({"annotations": ["${YOAKE_TEST_DATA}/a.json", "../b.json"],
                                     "images": "${YOAKE_TEST_DATA}/im", "categories": ["car"]})");
  EXPECT_EQ(spec.annotations, (std::vector<std::filesystem::path>{"/data/a.json", "/b.json"}));
  EXPECT_EQ(spec.images, std::vector<std::filesystem::path>{"/data/im"});
  EXPECT_EQ(spec.name, "a+b");
  EXPECT_EQ(spec.categories, std::vector<std::string>{"car"});
}

TEST_F(DatasetSpecTest, SaysWhatIsWrong) {
  EXPECT_THAT(Complaint("\"${YOAKE_TEST_NONE}/a.json\""),
              testing::AllOf(HasSubstr("study.json: $.data.train"),
                             HasSubstr("variable YOAKE_TEST_NONE is not set")));
  EXPECT_THAT(Complaint("\"${oops/a.json\""), HasSubstr("${NAME}"));
  EXPECT_THAT(Complaint("{\"annotation\": \"a.json\"}"), HasSubstr("'annotations' is required"));
  EXPECT_THAT(Complaint("{\"annotations\": \"a.json\", \"image\": \"x\"}"), HasSubstr("unknown key 'image'"));
  EXPECT_THAT(Complaint("{\"annotations\": []}"), HasSubstr("at least one path"));
  EXPECT_THAT(Complaint("{\"annotations\": [\"a\", \"b\", \"c\"], \"images\": [\"x\", \"y\"]}"),
              HasSubstr("2 folders for 3"));
  EXPECT_THAT(Complaint("7"), HasSubstr("expected a path"));
}

TEST_F(DatasetSpecTest, FilesAreUnitedAndHashed) {
  const std::string text = FileWith(R"({"id":8,"image_id":5,"category_id":1,"bbox":[0,0,1,1]})");
  DatasetSpec spec;
  spec.annotations = {Write("a/train.json", text), Write("b/train.json", text)};
  spec.name = "both";
  const Dataset dataset = ReadDataset(spec);
  EXPECT_EQ(dataset.name, "both");
  EXPECT_EQ(dataset.images.size(), 2u);
  EXPECT_EQ(dataset.annotations.size(), 4u);
  EXPECT_EQ(dataset.sources.size(), 2u);
  EXPECT_EQ(dataset.images[1].source, 1);
  const std::string hash = DatasetHash(spec);
  EXPECT_EQ(hash.size(), 64u);
  Write("b/train.json", text + " ");
  EXPECT_NE(DatasetHash(spec), hash);
  spec.categories = {"cat"};
  EXPECT_THROW(ReadDataset(spec), Error);
}

TEST(ReadCocoReferenceTest, MasksHaveTheReferencesAreas) {
  YOAKE_SKIP_WITHOUT_SHARED();
  for (const char* set : {"30_segm_polygons", "31_segm_crowd_rle", "32_segm_mixed"}) {
    const auto folder = SharedFolder() / "fixtures" / "coco_eval" / set;
    const Dataset dataset = ReadCoco(TextFile::Open(folder / "gt.json"), {}, {{.threads = 2}, true});
    const auto expected = ParseJsonFile(folder / "expected.json").at("mask_area_by_annotation");
    std::size_t compared = 0;  // The reference lists polygons, not crowds.
    for (std::size_t i = 0; i < dataset.masks.size(); ++i) {
      const auto id = std::to_string(static_cast<std::int64_t>(dataset.annotations[i].id));
      if (!expected.contains(id)) continue;
      EXPECT_EQ(static_cast<double>(MaskArea(dataset.masks[i])), expected.at(id).get<double>())
          << set << " " << id;
      ++compared;
    }
    EXPECT_EQ(compared, expected.size());
    EXPECT_GT(compared, 10u);
  }
}

TEST(ReadCocoReferenceTest, ReadsEveryReferenceGroundTruth) {
  YOAKE_SKIP_WITHOUT_SHARED();
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SharedFolder() / "fixtures" / "coco_eval")) {
    const auto file = entry.path() / "gt.json";
    if (!std::filesystem::exists(file)) continue;
    EXPECT_NO_THROW(ReadCoco(file)) << file;
    ++files;
  }
  EXPECT_GT(files, 10);
}

}  // namespace
}  // namespace yoake::datasets
