// Every reference evaluation in shared/fixtures: pycocotools' numbers, to the last bit of the arrays'
// checksums.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/read.h"
#include "datasets/sha256.h"
#include "metrics/coco/coco_eval.h"
#include "tests/support/shared_folder.h"

namespace yoake::metrics {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 1e-12;

std::vector<std::string> FixtureNames() {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(SharedFolder() / "fixtures" / "coco_eval", missing)) {
    if (fs::exists(entry.path() / "expected.json")) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  if (names.empty()) names.push_back("none");
  return names;
}

nlohmann::json ReadJson(const fs::path& file) { return nlohmann::json::parse(ReadFile(file)); }

// The form of expected.json: little-endian int64 of rint(x * 1e9).
std::string Checksum(const std::vector<double>& values) {
  std::string bytes;
  for (const double value : values) {
    const auto number = static_cast<std::int64_t>(std::nearbyint(value * 1e9));
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(number >> shift & 0xff));
  }
  return datasets::Sha256Hex(bytes);
}

void ExpectNear(std::optional<double> value, double expected, double tolerance, const std::string& what) {
  EXPECT_NEAR(value.value_or(-1), expected, tolerance) << what;
  EXPECT_EQ(value.has_value(), expected != -1) << what;
}

// A reference set as read from its files.
struct FixtureSet {
  explicit FixtureSet(const fs::path& folder) {
    const bool segm = ReadJson(folder / "expected.json").value("iou_type", "bbox") == "segm";
    truth = datasets::ReadCoco(TextFile::Open(folder / "gt.json"), {}, {.elements = {}, .masks = segm});
    detections = ReadDetections(folder / "dt.json", 1, segm ? &masks : nullptr);
  }

  SetOptions Options() const {
    SetOptions options;
    if (!masks.masks.empty()) options.masks = &masks;
    return options;
  }

  EvalResult Evaluate(CocoParams params = {}) const {
    SetOptions options = Options();
    options.threads = params.threads;
    return EvaluateCoco(EvaluationSet(truth, detections, options), params);
  }

  datasets::Dataset truth;
  std::vector<Detection> detections;
  DetectionMasks masks;
};

class CocoFixtureTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "none") {
      GTEST_SKIP() << "no reference sets under " << SharedFolder() / "fixtures/coco_eval"
                   << " (YOAKE_SHARED)";
    }
    folder_ = SharedFolder() / "fixtures" / "coco_eval" / GetParam();
    expected_ = ReadJson(folder_ / "expected.json");
  }

  // pycocotools accepts a NaN score and stops with an assertion at an unknown image; both are errors here.
  bool MustFail() const { return GetParam().starts_with("16_") || GetParam().starts_with("21_"); }

  fs::path folder_;
  nlohmann::json expected_;
};

TEST_P(CocoFixtureTest, AgreesWithTheReference) {
  const auto evaluate = [&] { return FixtureSet(folder_).Evaluate(); };
  if (MustFail()) {
    EXPECT_THROW(evaluate(), Error);
    return;
  }
  const EvalResult result = evaluate();
  for (const auto& [name, value] : expected_["stats"].items()) {
    const auto mine = ToJson(result)["stats"].at(name);
    ExpectNear(mine.is_null() ? std::nullopt : std::optional(mine.get<double>()), value, kTolerance, name);
  }
  ASSERT_EQ(result.per_category.size(), expected_["per_category"].size());
  for (std::size_t k = 0; k < result.per_category.size(); ++k) {
    const CategoryRow& row = result.per_category[k];
    const nlohmann::json& expected = expected_["per_category"][k];
    EXPECT_EQ(static_cast<std::int64_t>(row.category_id), expected["category_id"].get<std::int64_t>());
    EXPECT_EQ(row.category, expected["name"].get<std::string>());
    EXPECT_EQ(row.n_gt, expected["n_gt"].get<int>()) << row.category;
    EXPECT_EQ(row.n_crowd, expected["n_crowd"].get<int>()) << row.category;
    EXPECT_EQ(row.n_dt, expected["n_dt"].get<int>()) << row.category;
    for (const std::string& column : MetricNames()) {
      ExpectNear(MetricByName(result, row.category + "." + column), expected[column], kTolerance,
                 row.category + "." + column);
    }
  }
  const CocoArrays& arrays = result.arrays;
  const std::vector<int> shape = {arrays.thresholds, arrays.recalls, arrays.categories, arrays.areas,
                                  arrays.max_detections};
  EXPECT_EQ(expected_.value("shape_TRKAM", shape), shape);
  EXPECT_EQ(Checksum(arrays.precision), expected_["precision_sha256_i64e9"].get<std::string>());
  EXPECT_EQ(Checksum(arrays.recall), expected_["recall_sha256_i64e9"].get<std::string>());
  EXPECT_EQ(Checksum(arrays.scores), expected_["scores_sha256_i64e9"].get<std::string>());
}

// Where the whole recall array is given, it is equal bit by bit, not only to nine digits.
TEST_P(CocoFixtureTest, RecallIsEqualToTheLastBit) {
  if (MustFail() || !expected_.contains("recall_TKAM")) GTEST_SKIP() << "no recall array to compare with";
  const EvalResult result = FixtureSet(folder_).Evaluate();
  std::vector<double> expected;
  for (const auto& t : expected_["recall_TKAM"])
    for (const auto& k : t)
      for (const auto& a : k)
        for (const auto& value : a) expected.push_back(value.get<double>());
  EXPECT_EQ(result.arrays.recall, expected);
}

// The same for precision at the largest number of detections: [category][area][threshold][recall].
TEST_P(CocoFixtureTest, PrecisionIsEqualToTheLastBit) {
  if (MustFail() || !expected_.contains("precision_KAT_R_lastM")) {
    GTEST_SKIP() << "no precision array to compare with";
  }
  const CocoArrays arrays = FixtureSet(folder_).Evaluate().arrays;
  const nlohmann::json& expected = expected_["precision_KAT_R_lastM"];
  for (int k = 0; k < arrays.categories; ++k) {
    for (int a = 0; a < arrays.areas; ++a) {
      for (int t = 0; t < arrays.thresholds; ++t) {
        std::vector<double> curve;
        for (int r = 0; r < arrays.recalls; ++r) {
          const int row = ((t * arrays.recalls + r) * arrays.categories + k) * arrays.areas + a;
          curve.push_back(arrays.precision[row * arrays.max_detections + arrays.max_detections - 1]);
        }
        EXPECT_EQ(curve, expected[k][a][t].get<std::vector<double>>()) << k << " " << a << " " << t;
      }
    }
  }
}

// Nor do threads or leaving the arrays away change a bit.
TEST_P(CocoFixtureTest, ThreadsDoNotMatter) {
  if (MustFail()) GTEST_SKIP() << "no result";
  const FixtureSet set(folder_);
  const EvalResult one = set.Evaluate();
  for (const int threads : {2, 3, 8}) {
    CocoParams params;
    params.threads = threads;
    const EvalResult many = set.Evaluate(params);
    EXPECT_EQ(ToJson(many), ToJson(one));
    EXPECT_EQ(many.arrays.precision, one.arrays.precision);
    EXPECT_EQ(many.arrays.scores, one.arrays.scores);
    EXPECT_EQ(many.arrays.recall, one.arrays.recall);
    params.keep_arrays = false;
    EXPECT_EQ(ToJson(set.Evaluate(params)), ToJson(one));
  }
}

INSTANTIATE_TEST_SUITE_P(Shared, CocoFixtureTest, testing::ValuesIn(FixtureNames()), [](const auto& test) {
  std::string name = test.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

// Real images, slightly shaken truth as detections; numbers to six digits, read from the shared datasets.
class GoldenEvalTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenEvalTest, AgreesWithTheReference) {
  const fs::path golden = SharedFolder() / "fixtures" / "golden_eval";
  if (!fs::exists(golden)) GTEST_SKIP() << "no reference sets under " << golden << " (YOAKE_SHARED)";
  const nlohmann::json expected = ReadJson(golden / (GetParam() + "_expected.json"));
  const fs::path truth = SharedFolder() / "data" / expected["ground_truth"].get<std::string>();
  const EvalResult result =
      EvaluateCoco(datasets::ReadCoco(truth), ReadDetections(golden / (GetParam() + "_dt.json")));
  const std::vector<std::pair<std::string, std::string>> summary = {
      {"AP", "mAP"},          {"AP50", "mAP_50"},    {"AP75", "mAP_75"},    {"AP_small", "mAP_s"},
      {"AP_medium", "mAP_m"}, {"AP_large", "mAP_l"}, {"AR1", "AR_1"},       {"AR10", "AR_10"},
      {"AR100", "AR_100"},    {"AR_small", "AR_s"},  {"AR_medium", "AR_m"}, {"AR_large", "AR_l"}};
  for (const auto& [key, column] : summary) {
    ExpectNear(MetricByName(result, column), expected["summary"].at(key), 6e-7, key);
    for (const auto& [category, numbers] : expected["per_class"].items()) {
      if (!numbers.contains(key)) continue;
      ExpectNear(MetricByName(result, category + "." + column), numbers.at(key), 6e-7, category + "." + key);
    }
  }
  EXPECT_EQ(result.per_category.size(), expected["per_class"].size());
}

INSTANTIATE_TEST_SUITE_P(Shared, GoldenEvalTest, testing::Values("bccd_test", "hituav_day_train_ignore"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace yoake::metrics
