#include "datasets/synthetic.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "core/error.h"
#include "datasets/check.h"
#include "tests/datasets/testing.h"

namespace yoake::datasets {
namespace {

class SyntheticTest : public FolderTest {
 protected:
  SyntheticOptions Small(int images = 12) {
    SyntheticOptions options;
    options.images = images;
    options.seed = 4;
    return options;
  }
  Dataset Generate(const SyntheticOptions& options, const std::string& name = "set") {
    return GenerateSynthetic(options, folder_ / name);
  }
  static cv::Mat Picture(const Image& image) { return cv::imread(image.path.string(), cv::IMREAD_UNCHANGED); }
};

TEST_F(SyntheticTest, SameOptionsSameBytes) {
  const Dataset a = Generate(Small(), "a");
  const Dataset b = Generate(Small(), "b");
  EXPECT_EQ(ReadFile(folder_ / "a" / "annotations.json"), ReadFile(folder_ / "b" / "annotations.json"));
  for (std::size_t i = 0; i < a.images.size(); ++i) {
    EXPECT_EQ(ReadFile(a.images[i].path), ReadFile(b.images[i].path));
  }
  SyntheticOptions other = Small();
  other.seed = 5;
  EXPECT_NE(ReadFile(Generate(other, "c").images[0].path), ReadFile(a.images[0].path));
}

TEST_F(SyntheticTest, AnImageDoesNotDependOnTheNumberOfImages) {
  const Dataset few = Generate(Small(3), "few");
  const Dataset more = Generate(Small(7), "more");
  for (std::size_t i = 0; i < few.images.size(); ++i) {
    EXPECT_EQ(few.images[i].file_name, more.images[i].file_name);
    EXPECT_EQ(ReadFile(few.images[i].path), ReadFile(more.images[i].path));
  }
  for (std::size_t i = 0; i < few.annotations.size(); ++i) {
    EXPECT_EQ(few.annotations[i].box, more.annotations[i].box);
  }
}

TEST_F(SyntheticTest, WritesACleanCocoDataset) {
  const Dataset made = Generate(Small(20));
  const Dataset read = ReadCoco(folder_ / "set" / "annotations.json");
  ASSERT_EQ(read.images.size(), 20u);
  ASSERT_EQ(read.annotations.size(), made.annotations.size());
  EXPECT_EQ(read.images[3].path, made.images[3].path);
  const CheckReport report = CheckDatasets({folder_ / "set" / "annotations.json"});
  EXPECT_EQ(report.Count(Severity::kError) + report.Count(Severity::kWarning), 0) << ToText(report);
  std::map<CategoryId, int> boxes;
  for (const Annotation& annotation : made.annotations) ++boxes[annotation.category_id];
  for (std::int64_t id = 1; id <= 3; ++id) EXPECT_GE(boxes[CategoryId{id}], 10) << "category " << id;
}

TEST_F(SyntheticTest, MasksLieInTheirBoxesAndHardlyOnEachOther) {
  SyntheticOptions options;
  options.images = 12;
  options.objects_min = 4;
  options.occlusion = 0.5;
  const Dataset plain = Generate(options, "plain");
  options.masks = true;
  Generate(options, "masked");
  const auto file = folder_ / "masked" / "annotations.json";
  const Dataset masked = ReadCoco(TextFile::Open(file), {}, {.elements = {}, .masks = true});
  ASSERT_EQ(masked.masks.size(), plain.annotations.size());
  for (std::size_t i = 0; i < masked.masks.size(); ++i) {
    const Mask& mask = masked.masks[i];
    EXPECT_EQ(masked.annotations[i].box, plain.annotations[i].box);
    EXPECT_EQ(masked.annotations[i].area, static_cast<double>(MaskArea(mask)));
    const Box around = MaskBox(mask);
    const Box& box = masked.annotations[i].box;  // On a grid twice as fine.
    EXPECT_NEAR(around.x, box.x, 1);
    EXPECT_NEAR(around.y, box.y, 1);
    EXPECT_NEAR(around.right(), box.right(), 1);
    EXPECT_NEAR(around.bottom(), box.bottom(), 1);
    for (std::size_t j = i + 1; j < masked.masks.size(); ++j) {
      if (masked.annotations[j].image_id != masked.annotations[i].image_id) continue;
      EXPECT_LT(static_cast<double>(MaskIntersection(mask, masked.masks[j])),
                0.1 * masked.annotations[i].area + 9);
    }
  }
}

TEST_F(SyntheticTest, ImagesAreGreyAndOfTheAskedSize) {
  for (const std::string format : {"png", "jpg"}) {
    SyntheticOptions options = Small(1);
    options.format = format;
    options.width = 200;
    options.height = 120;
    const cv::Mat picture = Picture(Generate(options).images[0]);
    EXPECT_EQ(picture.size(), cv::Size(200, 120));
    EXPECT_EQ(picture.type(), CV_8UC1);
  }
}

// Mean grey value inside the boxes of one category minus that of a ring around them.
double Contrast(const Dataset& dataset, CategoryId category) {
  double sum = 0;
  int count = 0;
  std::map<ImageId, cv::Mat> pictures;
  for (const Image& image : dataset.images) pictures[image.id] = cv::imread(image.path.string(), 0);
  for (const Annotation& annotation : dataset.annotations) {
    if (annotation.category_id != category) continue;
    const cv::Mat& picture = pictures[annotation.image_id];
    const Box& b = annotation.box;
    // The middle half of the box against the strips to its left and right.
    const cv::Rect all({0, 0}, picture.size());
    const cv::Rect middle = all & cv::Rect(cv::Point2d(b.x + b.w / 4, b.y + b.h / 4),
                                           cv::Point2d(b.x + 3 * b.w / 4, b.y + 3 * b.h / 4));
    const cv::Rect left =
        all & cv::Rect(cv::Point2d(b.x - 8, b.y + b.h / 2), cv::Point2d(b.x - 3, b.bottom()));
    if (middle.area() == 0 || left.area() == 0) continue;
    sum += cv::mean(picture(middle))[0] - cv::mean(picture(left))[0];
    ++count;
  }
  return sum / count;
}

TEST_F(SyntheticTest, NightAndDayHaveOppositePolarity) {
  SyntheticOptions options = Small(25);
  options.night_share = 1;
  const Dataset night = Generate(options, "night");
  options.night_share = 0;
  const Dataset day = Generate(options, "day");
  const CategoryId person{1};
  const CategoryId car{2};
  EXPECT_GT(Contrast(night, person), 50) << "persons glow by night";
  EXPECT_LT(Contrast(day, person), 10) << "and do not by day";
  EXPECT_GT(Contrast(day, car), 20) << "cars are hot by day";
  EXPECT_LT(Contrast(night, car), 10) << "and mostly cold by night";
  for (const Image& image : night.images) EXPECT_THAT(image.file_name, testing::HasSubstr("night"));
  ASSERT_EQ(night.annotations.size(), day.annotations.size()) << "the same scenes, another time";
}

TEST_F(SyntheticTest, ContrastKnobPullsObjectsTowardsTheGround) {
  SyntheticOptions options = Small(20);
  options.night_share = 1;
  const double clear = Contrast(Generate(options, "clear"), CategoryId{1});
  options.heat_contrast = 0.3;
  const double faint = Contrast(Generate(options, "faint"), CategoryId{1});
  EXPECT_LT(faint, 0.5 * clear);
}

// Energy of the finest detail in a patch of sky.
double Grain(const Dataset& dataset) {
  double sum = 0;
  for (const Image& image : dataset.images) {
    cv::Mat fine;
    const cv::Mat picture = cv::imread(image.path.string(), 0);
    cv::Laplacian(picture(cv::Rect(0, 0, picture.cols, picture.rows)), fine, CV_32F);
    cv::Scalar mean, deviation;
    cv::meanStdDev(fine, mean, deviation);
    sum += deviation[0];
  }
  return sum / static_cast<double>(dataset.images.size());
}

TEST_F(SyntheticTest, NoisePatternAndBlurKnobsChangeTheGrain) {
  SyntheticOptions options = Small(4);
  options.noise = options.fixed_pattern = 0;
  options.blur = 0;
  const double sharp = Grain(Generate(options, "sharp"));
  options.blur = 2;
  const double blurred = Grain(Generate(options, "blurred"));
  EXPECT_LT(blurred, 0.5 * sharp);
  options.fixed_pattern = 0.03;
  const double striped = Grain(Generate(options, "striped"));
  EXPECT_GT(striped, 2 * blurred);
  options.fixed_pattern = 0;
  options.noise = 0.05;
  const double noisy = Grain(Generate(options, "noisy"));
  EXPECT_NEAR(noisy / (0.05 * 255 * std::sqrt(20)), 1, 0.1) << "Laplacian of white noise: sqrt(16 + 4) sigma";
}

TEST_F(SyntheticTest, SizeAndOcclusionKnobsChangeTheBoxes) {
  const auto mean_height = [](const Dataset& dataset) {
    double sum = 0;
    for (const Annotation& annotation : dataset.annotations) sum += annotation.box.h;
    return sum / static_cast<double>(dataset.annotations.size());
  };
  SyntheticOptions options = Small(25);
  options.occlusion = 0;
  const Dataset plain = Generate(options, "plain");
  options.object_size = 0.5;
  const Dataset small = Generate(options, "small");
  EXPECT_NEAR(mean_height(small) / mean_height(plain), 0.5, 0.12);
  options.object_size = 1;
  options.occlusion = 1;
  const Dataset hidden = Generate(options, "hidden");
  EXPECT_NE(hidden.annotations.size(), plain.annotations.size());
}

TEST_F(SyntheticTest, ObjectsGrowTowardsTheViewer) {
  SyntheticOptions options = Small(40);
  options.occlusion = 0;
  const Dataset dataset = Generate(options);
  double sum_y = 0, sum_h = 0, sum_yy = 0, sum_hh = 0, sum_yh = 0;
  int n = 0;
  for (const Annotation& annotation : dataset.annotations) {
    if (annotation.category_id != CategoryId{1} || annotation.box.bottom() > 250) continue;
    const double y = annotation.box.bottom();
    const double h = annotation.box.h;
    sum_y += y, sum_h += h, sum_yy += y * y, sum_hh += h * h, sum_yh += y * h, ++n;
  }
  const double correlation =
      (n * sum_yh - sum_y * sum_h) / std::sqrt((n * sum_yy - sum_y * sum_y) * (n * sum_hh - sum_h * sum_h));
  EXPECT_GT(correlation, 0.7);
}

TEST_F(SyntheticTest, NoObjectsIsAllowed) {
  SyntheticOptions options = Small(2);
  options.objects_min = options.objects_max = 0;
  EXPECT_TRUE(Generate(options).annotations.empty());
}

TEST(SyntheticOptionsTest, KeysAndPresets) {
  const auto parse = [](const std::string& text) {
    const nlohmann::json json = ParseJson(text, "options");
    return ParseSyntheticOptions(JsonReader(json, "options"));
  };
  const SyntheticOptions options = parse(R"({"preset": "hard", "images": 3, "noise": 0.2, "format": "jpg"})");
  EXPECT_EQ(options.images, 3);
  EXPECT_EQ(options.noise, 0.2);
  EXPECT_EQ(options.format, "jpg");
  EXPECT_EQ(options.occlusion, SyntheticPreset("hard").occlusion);
  for (const std::string& name : SyntheticPresets())
    EXPECT_NO_THROW(SyntheticPreset(name).Validate()) << name;

  for (const char* wrong :
       {R"({"nois": 0.1})", R"({"preset": "nigth"})", R"({"images": 0})", R"({"width": 63})",
        R"({"height": 5000})", R"({"objects_min": 3, "objects_max": 2})", R"({"object_size": 0.1})",
        R"({"heat_contrast": 2})", R"({"noise": -0.1})", R"({"fixed_pattern": 1})", R"({"blur": 9})",
        R"({"occlusion": 1.1})", R"({"night_share": -1})", R"({"format": "bmp"})", R"({"seed": -1})",
        R"({"images": "many"})"}) {
    EXPECT_THROW(parse(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace yoake::datasets
