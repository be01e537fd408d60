#include "metrics/detections.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/rng.h"
#include "tests/support/scratch_folder.h"

namespace yoake::metrics {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class DetectionsTest : public testing::Test {
 protected:
  std::vector<Detection> Read(const std::string& text) {
    WriteFileAtomically(file_, text);
    return ReadDetections(file_);
  }

  std::string MessageFor(const std::string& text) {
    try {
      Read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData) << error.what();
      return error.what();
    }
    return "no error";
  }

  const ScratchFolder scratch_;
  const std::filesystem::path file_ = scratch_.path() / "detections.json";
};

constexpr char kGood[] = R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":0.5})";

TEST_F(DetectionsTest, ReadsWhatItNeedsInAnyOrderAndSkipsTheRest) {
  const auto detections = Read(R"([
    {"score": 1, "segmentation": {"counts": [1, {"deep": "]}"}], "size": [4, 5]}, "bbox": [0.5, -2, 3e1, 0],
     "id": 77, "category_id": 0, "image_id": 9007199254740991, "note": "a \"quoted\" [bracket"},
    {"image_id": 7.0, "category_id": 3, "bbox": [1, 2, 3, 4], "score": -0.25}
  ])");
  ASSERT_EQ(detections.size(), 2u);
  EXPECT_EQ(detections[0].image_id, datasets::ImageId{9007199254740991});
  EXPECT_EQ(detections[0].category_id, datasets::CategoryId{0});
  EXPECT_EQ(detections[0].box, (Box{0.5, -2, 30, 0}));
  EXPECT_EQ(detections[0].score, 1);
  EXPECT_EQ(detections[1].image_id, datasets::ImageId{7});
  EXPECT_EQ(detections[1].score, -0.25);
}

TEST_F(DetectionsTest, AnEmptyListIsAResult) { EXPECT_TRUE(Read(" [ ]\n").empty()); }

TEST_F(DetectionsTest, RefusesMalformedDetectionsNamingFileIndexAndValue) {
  struct Case {
    const char* second;  // The detection at index 1.
    const char* message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"({"category_id":2,"bbox":[1,2,3,4],"score":0.5})", "$[1]: 'image_id' is required"},
           {R"({"image_id":1,"bbox":[1,2,3,4],"score":0.5})", "$[1]: 'category_id' is required"},
           {R"({"image_id":1,"category_id":2,"score":0.5})", "$[1]: 'bbox' is required"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4]})", "$[1]: 'score' is required"},
           {R"({"image_id":"1","category_id":2,"bbox":[1,2,3,4],"score":0.5})",
            "$[1].image_id: expected an integer, got the string \"1\""},
           {R"({"image_id":1.5,"category_id":2,"bbox":[1,2,3,4],"score":0.5})",
            "$[1].image_id: expected an integer, got 1.5"},
           {R"({"image_id":null,"category_id":2,"bbox":[1,2,3,4],"score":0.5})",
            "$[1].image_id: expected an integer, got null"},
           {R"({"image_id":-3,"category_id":2,"bbox":[1,2,3,4],"score":0.5})",
            "$[1].image_id: expected an id from 0 to 2^53, got -3"},
           {R"({"image_id":9007199254740993,"category_id":2,"bbox":[1,2,3,4],"score":0.5})",
            "$[1].image_id: expected an id from 0 to 2^53, got 9007199254740993"},
           {R"({"image_id":1,"category_id":[2],"bbox":[1,2,3,4],"score":0.5})",
            "$[1].category_id: expected an integer, got an array"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3],"score":0.5})",
            "$[1].bbox: expected 4 numbers [x, y, width, height], got 3"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4,5],"score":0.5})",
            "$[1].bbox: expected 4 numbers [x, y, width, height], got 5"},
           {R"({"image_id":1,"category_id":2,"bbox":[],"score":0.5})", "$[1].bbox: expected 4 numbers"},
           {R"({"image_id":1,"category_id":2,"bbox":{"x":1},"score":0.5})",
            "$[1].bbox: expected [x, y, width, height], got an object"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,"3",4],"score":0.5})",
            "$[1].bbox[2]: expected a finite number, got the string \"3\""},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,NaN,4],"score":0.5})",
            "$[1].bbox[2]: expected a finite number, got NaN"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,-3,4],"score":0.5})",
            "$[1].bbox: width and height must not be negative, got [1, 2, -3, 4]"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":NaN})",
            "$[1].score: expected a finite number, got NaN"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":Infinity})",
            "$[1].score: expected a finite number, got Infinity"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":-Infinity})",
            "$[1].score: expected a finite number, got -Infinity"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":1e999})",
            "$[1].score: expected a finite number, got 1e999"},
           {R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":true})",
            "$[1].score: expected a finite number, got true"},
           {R"([1,2,3,4])", "$[1]: expected an object, got an array"},
           {"7", "$[1]: expected an object, got 7"},
       }) {
    const std::string message = MessageFor(std::string("[") + kGood + "," + c.second + "," + kGood + "]");
    EXPECT_THAT(message, AllOf(HasSubstr(file_.string() + ": "), HasSubstr(c.message))) << c.second;
  }
}

TEST_F(DetectionsTest, RefusesWhatIsNoListOfDetections) {
  EXPECT_THAT(MessageFor(R"({"images": [], "annotations": []})"),
              HasSubstr("expected an array of detections, got an object (the ground truth's file?)"));
  EXPECT_THAT(MessageFor("5"), HasSubstr("expected an array of detections"));
  EXPECT_THAT(MessageFor(""), HasSubstr("the file is empty; no detections are []"));
}

TEST_F(DetectionsTest, RefusesBrokenJson) {
  for (const std::string& text :
       {std::string("[") + kGood, std::string("[") + kGood + "] x", std::string("[") + kGood + "]" + "[]",
        std::string("[") + kGood + kGood + "]", std::string("[") + kGood + ",]",
        std::string("[{\"image_id\":1,"), std::string("[{\"image_id\" 1}]"), std::string("[{\"image_id: 1}]"),
        std::string("nonsense"), std::string("[\xff]")}) {
    EXPECT_THAT(MessageFor(text), HasSubstr(file_.string())) << text;
  }
  EXPECT_THAT(MessageFor(std::string("[") + kGood + ",\n " + kGood + "\n " + kGood + "]"),
              AllOf(HasSubstr("not valid JSON at line 3, column 2 (in $[1])"), HasSubstr("expected ','")));
}

TEST_F(DetectionsTest, ReadsMasksWhereTheyAreAskedFor) {
  const std::string text = R"([
    {"image_id":1,"category_id":2,"segmentation":{"size":[3,4],"counts":[4,3,5]},"score":0.5},
    {"image_id":1,"category_id":2,"score":0.5,"bbox":[],"segmentation":{"counts":"435","size":[3,4],"x":1}},
    {"image_id":1,"category_id":2,"segmentation":{"size":[3,4],"counts":[12]},"score":0.5,"bbox":[1,2,3,4]}])";
  WriteFileAtomically(file_, text);
  for (const int threads : {1, 2}) {
    DetectionMasks masks;
    const auto detections = ReadDetections(TextFile::Open(file_), {threads, 16}, &masks);
    ASSERT_EQ(detections.size(), 3u);
    ASSERT_EQ(masks.masks.size(), 3u);
    EXPECT_FALSE(masks.boxes_given);
    EXPECT_EQ(masks.masks[0].runs, (std::vector<std::uint32_t>{4, 3, 5}));
    EXPECT_EQ(masks.masks[0], masks.masks[1]) << "the same mask, compressed";
    EXPECT_EQ(detections[0].box, MaskBox(masks.masks[0]));
    EXPECT_EQ(detections[1].box, detections[0].box);
    EXPECT_EQ(detections[2].box, (Box{1, 2, 3, 4}));
  }
  EXPECT_THAT(MessageFor(text), HasSubstr("$[0]: 'bbox' is required"));
  const auto complaint = [&](const std::string& members) {
    WriteFileAtomically(file_, "[{\"image_id\":1,\"category_id\":2,\"score\":0.5" + members + "}]");
    DetectionMasks masks;
    try {
      ReadDetections(file_, 1, &masks);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const std::string at = file_.string() + ": $[0]";
  EXPECT_EQ(complaint(""), at + ": 'segmentation' is required where masks are scored");
  EXPECT_THAT(complaint(R"(,"segmentation":[[1,2,3,4,5,6]])"),
              HasSubstr(at + ".segmentation: a detected mask must be run-length coded"));
  EXPECT_THAT(complaint(R"(,"segmentation":{"size":[3,4],"counts":[5,5]})"),
              HasSubstr(at + ".segmentation: "));
  EXPECT_THAT(complaint(R"(,"segmentation":{"size":[3,4],"counts":[5,-5,12]})"),
              HasSubstr(at + ".segmentation.counts[1]: expected a whole number of pixels, got -5"));
  EXPECT_THAT(complaint(R"(,"segmentation":{"size":[3],"counts":[5]})"),
              HasSubstr(at + ".segmentation.size: expected [height, width]"));
  EXPECT_THAT(complaint(R"(,"segmentation":{"counts":[5]})"),
              HasSubstr(at + ".segmentation: expected polygons"));
  EXPECT_THAT(complaint(R"(,"segmentation":7)"), HasSubstr(at + ".segmentation: expected polygons"));
}

TEST_F(DetectionsTest, AMissingFileSaysSo) {
  try {
    ReadDetections(file_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_THAT(error.what(), AllOf(HasSubstr(file_.string()), HasSubstr("No such file")));
  }
}

TEST_F(DetectionsTest, WhatIsWrittenReadsBackBitByBit) {
  RandomStream random(9);
  std::vector<Detection> detections;
  for (int i = 0; i < 1000; ++i) {
    Detection detection;
    detection.image_id = datasets::ImageId{random.Int(0, std::int64_t{1} << 53)};
    detection.category_id = datasets::CategoryId{random.Int(0, 90)};
    detection.box = {random.Normal() * 1e3, random.Normal(), random.Uniform(0, 1e-300),
                     random.Uniform(0, 1e9)};
    detection.score = random.Uniform();
    detections.push_back(detection);
  }
  detections[0].box = {-0.0, 5e-324, 1e22, 0.1};
  WriteDetections(file_, detections);
  const auto reread = ReadDetections(file_);
  ASSERT_EQ(reread.size(), detections.size());
  for (std::size_t i = 0; i < reread.size(); ++i) {
    EXPECT_EQ(reread[i].image_id, detections[i].image_id);
    EXPECT_EQ(reread[i].category_id, detections[i].category_id);
    EXPECT_EQ(reread[i].box, detections[i].box);
    EXPECT_EQ(reread[i].score, detections[i].score);
  }
  WriteDetections(file_, {});
  EXPECT_TRUE(ReadDetections(file_).empty());
}

TEST_F(DetectionsTest, RefusesToWriteWhatItWouldNotRead) {
  Detection detection;
  detection.score = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(WriteDetections(file_, {detection}), Error);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

}  // namespace
}  // namespace yoake::metrics
