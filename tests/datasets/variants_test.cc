#include "datasets/variants.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "tests/datasets/testing.h"

namespace yoake::datasets {
namespace {

using testing::HasSubstr;

std::string CategoryName(const Dataset& dataset, CategoryId id) {
  for (const Category& category : dataset.categories) {
    if (category.id == id) return category.name;
  }
  return "";
}

// (file, category, box) of every annotation: what must survive any renumbering.
std::multiset<std::string> Content(const Dataset& dataset) {
  std::map<ImageId, std::string> file;
  for (const Image& image : dataset.images) file[image.id] = image.path.string();
  std::multiset<std::string> content;
  for (const Annotation& a : dataset.annotations) {
    content.insert(file.at(a.image_id) + "|" + CategoryName(dataset, a.category_id) + "|" +
                   std::to_string(a.box.x) + "|" + std::to_string(a.area) + (a.crowd ? "c" : ""));
  }
  return content;
}

TEST(UnionTest, KeepsEveryBoxUnderNewIdsAndSourcesApart) {
  const Dataset a = SmallDataset(5, "a");
  const Dataset b = SmallDataset(3, "b");
  const Dataset united = Union({a, b});
  auto expected = Content(a);
  expected.merge(Content(b));
  EXPECT_EQ(Content(united), expected);
  EXPECT_EQ(united.sources, (std::vector<std::string>{"a.json", "b.json"}));
  std::set<ImageId> ids;
  for (const Image& image : united.images) {
    ids.insert(image.id);
    EXPECT_EQ(image.source, image.file_name.starts_with("a_") ? 0 : 1);
  }
  EXPECT_EQ(ids.size(), 8u);
  EXPECT_EQ(united.categories[0].id, CategoryId{3}) << "ids stay while the parts agree";
  EXPECT_EQ(united.categories[1].id, CategoryId{0});
}

TEST(UnionTest, UnitingUnitedSetsKeepsAllSources) {
  const Dataset left = Union({SmallDataset(2, "a"), SmallDataset(2, "b")});
  const Dataset united = Union({left, SmallDataset(2, "c")});
  EXPECT_EQ(united.sources, (std::vector<std::string>{"a.json", "b.json", "c.json"}));
  EXPECT_EQ(united.images[3].source, 1);
  EXPECT_EQ(united.images[4].source, 2);
}

TEST(UnionTest, CategoriesAreMatchedByName) {
  const Dataset a = SmallDataset(4, "a");
  Dataset b = SmallDataset(4, "b");
  std::swap(b.categories[0].id, b.categories[1].id);  // person 0, car 3: the other way round.
  for (Annotation& annotation : b.annotations) {
    annotation.category_id = annotation.category_id == CategoryId{0} ? CategoryId{3} : CategoryId{0};
  }
  b.categories.push_back({CategoryId{8}, "bicycle", ""});
  const Dataset united = Union({a, b});
  auto expected = Content(a);
  expected.merge(Content(b));
  EXPECT_EQ(Content(united), expected);
  ASSERT_EQ(united.categories.size(), 3u);
  EXPECT_EQ(united.categories[2].name, "bicycle");
  EXPECT_EQ(united.categories[2].id, CategoryId{3});
}

TEST(UnionTest, ConflictsAreErrors) {
  Dataset b = SmallDataset(2, "b");
  b.categories[0].name = "Person";
  EXPECT_THROW(Union({SmallDataset(2, "a"), b}), Error);
  EXPECT_THROW(Union({SmallDataset(2, "a"), SmallDataset(2, "a")}), Error) << "the same images twice";
}

TEST(KeepCategoriesTest, KeepsTheGivenOrderAndAllImages) {
  const Dataset kept = KeepCategories(SmallDataset(6), {"car"});
  EXPECT_EQ(kept.categories.size(), 1u);
  EXPECT_EQ(kept.images.size(), 6u);
  EXPECT_EQ(kept.annotations.size(), 3u);
  const Dataset turned = KeepCategories(SmallDataset(6), {"car", "person"});
  EXPECT_EQ(turned.categories[0].name, "car");
  EXPECT_EQ(turned.categories[0].id, CategoryId{0});
  try {
    KeepCategories(SmallDataset(6), {"persn"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'person'?"));
  }
  EXPECT_THROW(KeepCategories(SmallDataset(6), {"car", "car"}), Error);
}

TEST(MaskedSetsTest, MasksStayWithTheirAnnotations) {
  const auto masked = [](const char* name) {
    Dataset dataset = SmallDataset(6, name);
    for (std::size_t i = 0; i < dataset.annotations.size(); ++i) {
      dataset.annotations[i].area = static_cast<double>(i + 1);
      dataset.masks.push_back(
          MaskFromCounts({static_cast<std::uint32_t>(99 - i), static_cast<std::uint32_t>(i + 1)}, 10, 10));
    }
    return dataset;
  };
  SplitOptions half;
  half.val_share = 0.5;
  for (const Dataset& set : {Union({masked("a"), masked("b")}), KeepCategories(masked("a"), {"car"}),
                             Split(masked("a"), half).train, Split(masked("a"), half).val}) {
    ASSERT_FALSE(set.annotations.empty());
    ASSERT_EQ(set.masks.size(), set.annotations.size());
    for (std::size_t i = 0; i < set.masks.size(); ++i) {
      EXPECT_EQ(static_cast<double>(MaskArea(set.masks[i])), set.annotations[i].area);
    }
  }
}

TEST(SplitTest, IsAPartitionOfTheRightSizeForEverySeed) {
  const Dataset dataset = SmallDataset(37);
  std::set<std::string> first_of_val;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const double share : {0.01, 0.1, 0.25, 0.5, 0.9, 0.999}) {
      SplitOptions options;
      options.val_share = share;
      options.seed = seed;
      const SplitResult split = Split(dataset, options);
      auto content = Content(split.train);
      content.merge(Content(split.val));
      ASSERT_EQ(content, Content(dataset));
      ASSERT_EQ(split.train.images.size() + split.val.images.size(), 37u);
      const double wanted = std::clamp(std::round(share * 37), 1.0, 36.0);
      ASSERT_EQ(split.val.images.size(), wanted) << share;
      ASSERT_EQ(split.val.categories.size(), 2u);
      first_of_val.insert(split.val.images.front().file_name);
    }
  }
  EXPECT_GT(first_of_val.size(), 3u) << "the seed changes nothing";
}

TEST(SplitTest, DoesNotDependOnTheOrderOfTheImages) {
  Dataset dataset = SmallDataset(30);
  const auto names = [](const Dataset& side) {
    std::set<std::string> all;
    for (const Image& image : side.images) all.insert(image.file_name);
    return all;
  };
  const auto before = names(Split(dataset, {}).val);
  RandomStream(3).Shuffle(dataset.images);
  EXPECT_EQ(names(Split(dataset, {}).val), before);
}

TEST(SplitTest, GroupsStayTogether) {
  Dataset dataset = SmallDataset(60);
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    dataset.images[i].file_name = "scene" + std::to_string(i % 7) + "_frame" + std::to_string(i) + ".png";
  }
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    SplitOptions options;
    options.seed = seed;
    options.group_pattern = "^scene([0-9]+)_";
    const SplitResult split = Split(dataset, options);
    std::set<std::string> train;
    for (const Image& image : split.train.images) train.insert(image.file_name.substr(0, 6));
    for (const Image& image : split.val.images) {
      ASSERT_FALSE(train.contains(image.file_name.substr(0, 6))) << image.file_name;
    }
    ASSERT_NEAR(static_cast<double>(split.val.images.size()), 12, 5);
  }
}

TEST(SplitTest, RejectsWhatCannotBeSplit) {
  SplitOptions options;
  options.val_share = 1;
  EXPECT_THROW(Split(SmallDataset(5), options), Error);
  options.val_share = std::nan("");
  EXPECT_THROW(Split(SmallDataset(5), options), Error);
  options.val_share = 0.5;
  EXPECT_THROW(Split(SmallDataset(1), options), Error) << "one image";
  EXPECT_THROW(Split(SmallDataset(0), options), Error) << "no image";
  options.group_pattern = "a_";
  EXPECT_THROW(Split(SmallDataset(5), options), Error) << "one group";
  options.group_pattern = "scene";
  EXPECT_THROW(Split(SmallDataset(5), options), Error) << "no match";
  options.group_pattern = "(";
  EXPECT_THROW(Split(SmallDataset(5), options), Error) << "no regular expression";
}

class WriteCocoTest : public FolderTest {};

void ExpectSame(const Dataset& a, const Dataset& b) {
  ASSERT_EQ(a.images.size(), b.images.size());
  for (std::size_t i = 0; i < a.images.size(); ++i) {
    EXPECT_EQ(a.images[i].id, b.images[i].id);
    EXPECT_EQ(std::filesystem::weakly_canonical(a.images[i].path),
              std::filesystem::weakly_canonical(b.images[i].path));
    EXPECT_EQ(a.images[i].width, b.images[i].width);
    EXPECT_EQ(a.images[i].height, b.images[i].height);
    EXPECT_EQ(a.images[i].source, b.images[i].source);
  }
  ASSERT_EQ(a.categories.size(), b.categories.size());
  for (std::size_t i = 0; i < a.categories.size(); ++i) {
    EXPECT_EQ(a.categories[i].id, b.categories[i].id);
    EXPECT_EQ(a.categories[i].name, b.categories[i].name);
    EXPECT_EQ(a.categories[i].supercategory, b.categories[i].supercategory);
  }
  ASSERT_EQ(a.annotations.size(), b.annotations.size());
  for (std::size_t i = 0; i < a.annotations.size(); ++i) {
    EXPECT_EQ(a.annotations[i].id, b.annotations[i].id);
    EXPECT_EQ(a.annotations[i].image_id, b.annotations[i].image_id);
    EXPECT_EQ(a.annotations[i].category_id, b.annotations[i].category_id);
    EXPECT_EQ(a.annotations[i].box, b.annotations[i].box);
    EXPECT_EQ(a.annotations[i].area, b.annotations[i].area);
    EXPECT_EQ(a.annotations[i].crowd, b.annotations[i].crowd);
  }
}

TEST_F(WriteCocoTest, ReadsBackAsTheSame) {
  Dataset dataset = Union({SmallDataset(4, "a"), SmallDataset(6, "b")});
  dataset.categories[0].name = "pe\"rson\u00e9";
  for (Image& image : dataset.images) {
    image.path = folder_ / image.file_name.substr(0, 1) / image.file_name;
    WriteFileAtomically(image.path, "x");
  }
  RandomStream random(1);
  for (Annotation& a : dataset.annotations)
    a.box = {random.Uniform(), random.Normal(), random.Uniform(), 1e-9};
  WriteCoco(dataset, folder_ / "deep" / "out.json");
  const Dataset back = ReadCoco(folder_ / "deep" / "out.json");
  ExpectSame(dataset, back);
  EXPECT_EQ(back.sources, dataset.sources);
  WriteCoco(back, folder_ / "deep" / "again.json");
  ExpectSame(dataset, ReadCoco(folder_ / "deep" / "again.json"));
}

TEST_F(WriteCocoTest, KeepsFileNamesThatStillFit) {
  Dataset dataset = SmallDataset(3);
  for (Image& image : dataset.images) {
    image.path = folder_ / "images" / image.file_name;
    WriteFileAtomically(image.path, "x");
  }
  WriteCoco(dataset, folder_ / "annotations" / "out.json");
  const Dataset back = ReadCoco(folder_ / "annotations" / "out.json");
  EXPECT_EQ(back.images[2].file_name, "a_2.png");
  ExpectSame(dataset, back);
}

TEST_F(WriteCocoTest, KeepsWhatElseTheFilesSay) {
  const auto file = [&](const std::string& name) {
    return Write(name + ".json",
                 R"({"info": {"year": 2024}, "images": [
      {"id": 5, "file_name": ")" +
                     name + R"(1.png", "width": 64, "height": 48, "video": "drive \" 7", "date": null},
      {"id": 2, "file_name": ")" +
                     name + R"(2.png", "width": 64, "height": 48}],
      "categories": [{"id": 1, "name": "car"}], "annotations": [
      {"id": 1, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]},
      {"segmentation": [[1, 2, 4, 2, 4.250, 6]], "id": 7, "image_id": 5, "category_id": 1, "bbox": [1, 2, 3, 4],
       "score": 0.123456789012345678}]})");
  };
  const auto read = [](const std::filesystem::path& path) {
    return ReadCoco(TextFile::Open(path), {}, {.extras = true});
  };
  WriteCoco(Union({read(file("a")), read(file("b"))}), folder_ / "both.json");
  SplitOptions half;
  half.val_share = 0.5;
  half.group_pattern = "1|2";
  const SplitResult split = Split(read(folder_ / "both.json"), half);
  const bool first_in_train = split.train.images.front().file_name == "a1.png";
  WriteCoco(first_in_train ? split.train : split.val, folder_ / "first.json");
  const auto written = nlohmann::json::parse(ReadFile(folder_ / "first.json"));
  ASSERT_EQ(written["images"].size(), 2u);
  EXPECT_EQ(written["images"][1]["file_name"], "b1.png");
  EXPECT_EQ(written["images"][1]["video"], "drive \" 7");
  EXPECT_TRUE(written["images"][1].contains("date"));
  ASSERT_EQ(written["annotations"].size(), 2u);
  EXPECT_EQ(written["annotations"][1]["segmentation"], nlohmann::json::parse("[[1, 2, 4, 2, 4.25, 6]]"));
  EXPECT_EQ(written["annotations"][1]["score"], 0.123456789012345678);
  EXPECT_EQ(written["annotations"][1].size(), 8u) << "nothing stands twice";
  EXPECT_EQ(read(folder_ / "first.json").annotation_extras[0], read(file("a")).annotation_extras[1]);
}

TEST_F(WriteCocoTest, AnEmptySetIsAFileToo) {
  WriteCoco({}, folder_ / "out.json");
  EXPECT_TRUE(ReadCoco(folder_ / "out.json").images.empty());
}

}  // namespace
}  // namespace yoake::datasets
