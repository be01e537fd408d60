#include "cli/eval_options.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"

namespace yoake::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

EvalOptions Parse(const std::string& arguments) {
  CLI::App app;
  EvalOptions options;
  AddEvalOptions(&app, &options);
  app.parse(arguments);
  return options;
}

metrics::CocoParams Params(const std::string& arguments) { return Parse(arguments).Params(); }

datasets::Dataset Truth() {
  datasets::Dataset truth;
  truth.images = {{datasets::ImageId{1}, "day/a.png", {}, 10, 10, 0},
                  {datasets::ImageId{2}, "b.png", {}, 10, 10, 0}};
  truth.categories = {{datasets::CategoryId{1}, "person", ""}, {datasets::CategoryId{2}, "car", ""}};
  return truth;
}

TEST(EvalOptionsTest, WithoutFlagsTheParametersArePycocotools) {
  const metrics::CocoParams params = Params("");
  EXPECT_TRUE(params.iou_thresholds.empty());
  EXPECT_TRUE(params.areas.empty());
  EXPECT_THAT(params.max_detections, ElementsAre(1, 10, 100));
  EXPECT_GE(params.threads, 1);
}

TEST(EvalOptionsTest, ARangeOfThresholdsIsNumpysLinspace) {
  EXPECT_EQ(Params("--iou-thresholds 0.5:0.95:0.05").iou_thresholds,
            metrics::CocoParams{}.Full().iou_thresholds);
  EXPECT_THAT(Params("--iou-thresholds 0.3,0.5").iou_thresholds, ElementsAre(.3, .5));
}

TEST(EvalOptionsTest, AreasHaveNamesAndEnds) {
  const auto areas = Params("--areas tiny=0:256,small=256:1024.5").areas;
  ASSERT_EQ(areas.size(), 2);
  EXPECT_EQ(areas[1].name, "small");
  EXPECT_EQ(areas[1].range.low, 256);
  EXPECT_EQ(areas[1].range.high, 1024.5);
}

TEST(EvalOptionsTest, VocNeedsNoNumber) {
  EXPECT_EQ(Parse("").voc_iou, 0);
  EXPECT_EQ(Parse("--voc").voc_iou, .5);
  EXPECT_EQ(Parse("--voc 0.7").voc_iou, .7);
}

TEST(EvalOptionsTest, RefusesWhatIsNoParameterAndSaysWhatWouldBe) {
  const auto message = [](const std::string& arguments) { return MessageOf([&] { Params(arguments); }); };
  EXPECT_THAT(message("--iou-thresholds half"), HasSubstr("--iou-thresholds: expected a number, got 'half'"));
  EXPECT_THAT(message("--iou-thresholds 0.5:0.9"), HasSubstr("LOW:HIGH:STEP, got '0.5:0.9'"));
  EXPECT_THAT(message("--iou-thresholds 0.5:0.9:0"), HasSubstr("1 to 64 steps"));
  EXPECT_THAT(message("--iou-thresholds 0.5:0.9:nan"), HasSubstr("expected a number"));
  EXPECT_THAT(message("--iou-thresholds 1.5"), HasSubstr("iou_thresholds: expected ascending numbers"));
  EXPECT_THAT(message("--areas 0:256"), HasSubstr("NAME=LOW:HIGH in square pixels, got '0:256'"));
  EXPECT_THAT(message("--areas tiny=256"), HasSubstr("NAME=LOW:HIGH"));
  EXPECT_THAT(message("--areas tiny=256:0"), HasSubstr("areas: 'tiny': expected 0 <= low <= high"));
  EXPECT_THAT(message("--areas tiny=0:1,tiny=1:2"), HasSubstr("areas: 'tiny': stands twice"));
  EXPECT_THAT(message("--areas a.b=0:1"), HasSubstr("expected a name of letters"));
  EXPECT_THAT(message("--areas a=0:1,b=0:1,c=0:1,d=0:1,e=0:1,f=0:1"),
              HasSubstr("at most 9 with 7 areas, got 10"));
  EXPECT_THAT(message("--max-dets 100,10"), HasSubstr("max_detections: expected ascending numbers"));
}

TEST(EvalOptionsTest, CategoriesAndImagesAreFoundByNameIdOrList) {
  const datasets::Dataset truth = Truth();
  const auto chosen = [&](const std::string& arguments) { return Parse(arguments).Chosen(truth); };
  EXPECT_THAT(chosen("--categories car,1").categories,
              ElementsAre(datasets::CategoryId{2}, datasets::CategoryId{1}));
  EXPECT_THAT(chosen("--images b.png,1").images, ElementsAre(datasets::ImageId{2}, datasets::ImageId{1}));
  const ScratchFolder scratch;
  const std::string list = scratch.path() / "images.txt";
  WriteFileAtomically(list, "day/a.png\r\n\n2\n");
  EXPECT_THAT(chosen("--images " + list).images, ElementsAre(datasets::ImageId{1}, datasets::ImageId{2}));
  EXPECT_THAT(MessageOf([&] { chosen("--categories cat"); }),
              HasSubstr("no category 'cat'; did you mean 'car'"));
  EXPECT_THAT(MessageOf([&] { chosen("--images c.png"); }),
              HasSubstr("'c.png' is neither an id nor a file name"));
  EXPECT_TRUE(chosen("--class-agnostic").class_agnostic);
}

}  // namespace
}  // namespace yoake::cli
