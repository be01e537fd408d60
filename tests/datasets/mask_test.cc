#include "datasets/mask.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/atomic_file.h"
#include "core/rng.h"
#include "tests/support/message_of.h"
#include "tests/support/shared_folder.h"

namespace yoake::datasets {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Pixels = std::vector<bool>;  // Down the columns.

Pixels Decode(const Mask& mask) {
  Pixels pixels;
  for (std::size_t i = 0; i < mask.runs.size(); ++i) pixels.insert(pixels.end(), mask.runs[i], i % 2 == 1);
  return pixels;
}

// One letter a pixel, one text a row.
std::vector<std::string> Picture(const Mask& mask) {
  const Pixels pixels = Decode(mask);
  std::vector<std::string> rows(mask.height, std::string(mask.width, '.'));
  for (std::size_t p = 0; p < pixels.size(); ++p) {
    if (pixels[p]) rows[p % mask.height][p / mask.height] = '#';
  }
  return rows;
}

Mask RandomMask(int height, int width, RandomStream* random) {
  std::vector<std::uint32_t> counts;
  std::uint32_t left = static_cast<std::uint32_t>(height * width);
  while (left > 0) {
    const auto longest = std::min<std::uint64_t>(left, random->Chance(0.5) ? 5 : 60);
    counts.push_back(static_cast<std::uint32_t>(random->Below(longest + 1)));
    left -= counts.back();
  }
  return MaskFromCounts(counts, height, width);
}

void ExpectCanonical(const Mask& mask) {
  EXPECT_EQ(std::accumulate(mask.runs.begin(), mask.runs.end(), 0), mask.height * mask.width);
  EXPECT_EQ(std::count(mask.runs.begin() + 1, mask.runs.end(), 0U), 0);
}

TEST(MaskTest, ABoxIsItsPixels) {
  const Mask mask = MaskFromPolygons({{1, 1, 1, 3, 4, 3, 4, 1}}, 4, 6);
  EXPECT_THAT(Picture(mask), ElementsAre("......", ".###..", ".###..", "......"));
  EXPECT_EQ(MaskArea(mask), 6);
  EXPECT_EQ(MaskBox(mask), (Box{1, 1, 3, 2}));
  EXPECT_EQ(MaskFromPolygons({{1, 1, 3, 2}}, 4, 6), mask);  // Four numbers are a box.
}

TEST(MaskTest, SeveralPolygonsAreTheirUnion) {
  const Mask mask = MaskFromPolygons({{0, 0, 3, 0, 3, 3, 0, 3}, {2, 2, 5, 2, 5, 4, 2, 4}}, 4, 6);
  EXPECT_THAT(Picture(mask), ElementsAre("###...", "###...", "#####.", "..###."));
}

TEST(MaskTest, WhatLiesOutsideTheImageIsCutOff) {
  EXPECT_EQ(MaskArea(MaskFromPolygons({{-50, -50, -50, 50, 50, 50, 50, -50}}, 7, 9)), 63);
  EXPECT_EQ(MaskArea(MaskFromPolygons({{-5, 1, -9, 1, -9, 3}}, 7, 9)), 0);
  EXPECT_EQ(MaskBox(MaskFromPolygons({{20, 1, 30, 1, 30, 3}}, 7, 9)), Box{});
}

TEST(MaskTest, NeitherStartNorRepeatedPointsMatterOnAGridOfPixels) {
  const Mask mask = MaskFromPolygons({{1, 1, 1, 8, 6, 8, 9, 4, 6, 1}}, 10, 12);
  EXPECT_EQ(MaskFromPolygons({{6, 8, 9, 4, 6, 1, 1, 1, 1, 8}}, 10, 12), mask);
  EXPECT_EQ(MaskFromPolygons({{1, 1, 1, 1, 1, 8, 6, 8, 9, 4, 6, 1, 1, 1}}, 10, 12), mask);
}

TEST(MaskTest, AreaBoxIntersectionAndUnionEqualThoseOfThePixels) {
  for (int i = 0; i < 200; ++i) {
    RandomStream random = RandomStream(1).Split(static_cast<std::uint64_t>(i));
    const int height = static_cast<int>(random.Int(1, 12)), width = static_cast<int>(random.Int(1, 12));
    const Mask a = RandomMask(height, width, &random), b = RandomMask(height, width, &random);
    ExpectCanonical(a);
    const Pixels in_a = Decode(a), in_b = Decode(b);
    Pixels either;
    std::uint64_t both = 0;
    int left = width, top = height, right = -1, bottom = -1;
    for (int p = 0; p < height * width; ++p) {
      both += in_a[p] && in_b[p];
      either.push_back(in_a[p] || in_b[p]);
      if (!in_a[p]) continue;
      left = std::min(left, p / height);
      right = std::max(right, p / height);
      top = std::min(top, p % height);
      bottom = std::max(bottom, p % height);
    }
    EXPECT_EQ(MaskArea(a), static_cast<std::uint64_t>(std::count(in_a.begin(), in_a.end(), true)));
    EXPECT_EQ(MaskBox(a), right < 0 ? Box{}
                                    : (Box{double(left), double(top), double(right - left + 1),
                                           double(bottom - top + 1)}));
    EXPECT_EQ(MaskIntersection(a, b), both);
    EXPECT_EQ(Decode(MaskUnion(a, b)), either);
    ExpectCanonical(MaskUnion(a, b));
  }
}

TEST(MaskTest, TheStringReadsBackEqual) {
  for (int i = 0; i < 200; ++i) {
    RandomStream random = RandomStream(2).Split(static_cast<std::uint64_t>(i));
    const Mask mask = RandomMask(40, 50, &random);
    EXPECT_EQ(MaskFromString(MaskString(mask), 40, 50), mask);
  }
  const Mask large = MaskFromCounts({4294836225U}, 65535, 65535);
  EXPECT_EQ(MaskFromString(MaskString(large), 65535, 65535), large);
}

TEST(MaskTest, RefusesWhatIsNoMask) {
  const auto polygon = [](std::vector<std::vector<double>> polygons) {
    return MessageOf([&] { MaskFromPolygons(polygons, 10, 10); });
  };
  EXPECT_THAT(polygon({}), HasSubstr("expected at least one polygon, got none"));
  EXPECT_THAT(polygon({{1, 1, 2, 2, 3, 3, 4}}), HasSubstr("pairs x, y, got 7 numbers"));
  EXPECT_THAT(polygon({{1, 1}}), HasSubstr("at least 3 points, got 1"));
  EXPECT_THAT(polygon({{1, 1, 2, 2, 1, 3}, {}}), HasSubstr("at least 3 points, got 0"));
  EXPECT_THAT(polygon({{1, 1, 2, 2}, {1, 1, 2, 2, 1, 3}}), HasSubstr("boxes of 4 numbers"));
  EXPECT_THAT(polygon({{1, 1, 2, 2, 1, std::nan("")}}), HasSubstr("coordinate from -10^6 to 10^6, got nan"));
  EXPECT_THAT(polygon({{1, 1, 2, 2, 1, 1e300}}), HasSubstr("coordinate"));
  EXPECT_THAT(MessageOf([] {
                MaskFromPolygons({{1, 1, 2, 2, 1, 3}}, 1 << 20, 1 << 20);
              }),
              HasSubstr("less than 2^32 pixels, got 1048576 x 1048576"));
  EXPECT_THAT(MessageOf([] { MaskFromCounts({3, 4}, 2, 4); }), HasSubstr("sum up to 7, expected 8 (4 x 2"));
  const auto text = [](const char* string) { return MessageOf([&] { MaskFromString(string, 2, 4); }); };
  EXPECT_EQ(text("8"), "no error");
  EXPECT_THAT(text("7"), HasSubstr("sum up to 7, expected 8"));
  EXPECT_THAT(text(""), HasSubstr("sum up to 0, expected 8"));
  EXPECT_THAT(text("P"), HasSubstr("truncated"));
  EXPECT_THAT(text("4 4"), HasSubstr("byte 1 of the mask's string"));
  EXPECT_THAT(text("4\xff"), HasSubstr("byte 1 of the mask's string"));
  EXPECT_THAT(text("o"), HasSubstr("truncated"));
  EXPECT_THAT(text("@"), HasSubstr("count 0 of the mask's string is -16"));
  EXPECT_THAT(text("oooooooooo"), HasSubstr("too long"));
}

// Areas of pycocotools' masks, and the string it writes for the same pixels.
TEST(MaskTest, AgreesWithTheReference) {
  const auto folder = SharedFolder() / "fixtures" / "coco_eval";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "no reference sets under " << folder << " (YOAKE_SHARED)";
  std::size_t polygons = 0, strings = 0, lists = 0;
  for (const char* name : {"30_segm_polygons", "31_segm_crowd_rle", "32_segm_mixed"}) {
    const auto truth = nlohmann::json::parse(ReadFile(folder / name / "gt.json"));
    const auto areas =
        nlohmann::json::parse(ReadFile(folder / name / "expected.json"))["mask_area_by_annotation"];
    for (const auto& annotation : truth["annotations"]) {
      const auto& shape = annotation["segmentation"];
      Mask mask;
      if (shape.is_array()) {
        const auto image = std::find_if(truth["images"].begin(), truth["images"].end(),
                                        [&](const auto& i) { return i["id"] == annotation["image_id"]; });
        mask = MaskFromPolygons(shape, (*image)["height"], (*image)["width"]);
        ++polygons;
      } else if (shape["counts"].is_array()) {
        mask = MaskFromCounts(shape["counts"], shape["size"][0], shape["size"][1]);
        ++lists;
      } else {
        mask = MaskFromString(shape["counts"].get<std::string>(), shape["size"][0], shape["size"][1]);
        EXPECT_EQ(MaskString(mask), shape["counts"].get<std::string>());
        ++strings;
      }
      const std::string id = annotation["id"].dump();
      EXPECT_EQ(MaskArea(mask), areas.value(id, annotation["area"].get<std::uint64_t>()))
          << name << " annotation " << id;
      const Box box = MaskBox(mask);
      EXPECT_EQ((std::vector{box.x, box.y, box.w, box.h}), annotation["bbox"])
          << name << " annotation " << id;
    }
  }
  EXPECT_GT(polygons, 100);
  EXPECT_GT(strings, 100);
  EXPECT_GT(lists, 30);
}

}  // namespace
}  // namespace yoake::datasets
