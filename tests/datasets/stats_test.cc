#include "datasets/stats.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/datasets/testing.h"

namespace yoake::datasets {
namespace {

TEST(StatsTest, CrowdsAreNoBoxesAndEdgesGoUp) {
  Dataset dataset = SmallDataset(2);
  dataset.images.push_back({ImageId{99}, "empty.png", "", 64, 48, 0});
  dataset.annotations = {
      {AnnotationId{1}, ImageId{0}, CategoryId{3}, Box{0, 0, 9, 9}, 1023.9, false},
      {AnnotationId{2}, ImageId{0}, CategoryId{3}, Box{0, 0, 9, 9}, 1024, false},
      {AnnotationId{3}, ImageId{10}, CategoryId{3}, Box{0, 0, 9, 9}, 9216, false},
      {AnnotationId{4}, ImageId{10}, CategoryId{0}, Box{0, 0, 9, 9}, 81, true},
  };
  const nlohmann::json json = ToJson(ComputeStats(dataset));
  EXPECT_EQ(json["images"], 3);
  EXPECT_EQ(json["images_without_boxes"], 1);
  EXPECT_EQ(json["annotations"], 4);
  const nlohmann::json person = {{"category", "person"}, {"boxes", 3}, {"images", 2}, {"small", 1},
                                 {"medium", 1},          {"large", 1}, {"crowds", 0}};
  const nlohmann::json car = {{"category", "car"}, {"boxes", 0}, {"images", 0}, {"small", 0},
                              {"medium", 0},       {"large", 0}, {"crowds", 1}};
  EXPECT_EQ(json["per_category"], nlohmann::json::array({person, car}));
}

TEST(StatsTest, TheTableIsAligned) {
  const std::string table = ToTable(ComputeStats(SmallDataset(7)));
  EXPECT_THAT(table, testing::HasSubstr("category    boxes   images    small   medium    large   crowds\n"
                                        "person          3        3        3        0        0        1\n"));
}

// The reference: stats.json of each set, counted by another program.
class SharedStatsTest : public testing::TestWithParam<const char*> {};

TEST_P(SharedStatsTest, AgreesWithTheCountsBesideTheData) {
  YOAKE_SKIP_WITHOUT_SHARED();
  const auto folder = SharedFolder() / "data" / GetParam();
  const nlohmann::json expected = ParseJsonFile(folder / "stats.json");
  int splits = 0;
  for (const auto& [split, categories] : expected.at("boxes").items()) {
    const DatasetStats stats = ComputeStats(ReadCoco(folder / "annotations" / (split + ".json")));
    EXPECT_EQ(stats.images, expected.at("images").at(split));
    for (const CategoryStats& category : stats.per_category) {
      SCOPED_TRACE(split + " " + category.name);
      const nlohmann::json& row = categories.at(category.name);
      EXPECT_EQ(category.boxes, row.at("all"));
      EXPECT_EQ(category.small, row.at("small"));
      EXPECT_EQ(category.medium, row.at("medium"));
      EXPECT_EQ(category.large, row.at("large"));
    }
    ++splits;
  }
  EXPECT_GE(splits, 2);
}

INSTANTIATE_TEST_SUITE_P(Sets, SharedStatsTest,
                         testing::Values("hituav_day", "hituav_night", "bccd", "blood_smear256"));

}  // namespace
}  // namespace yoake::datasets
