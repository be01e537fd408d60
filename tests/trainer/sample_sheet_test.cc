#include "trainer/augment/sample_sheet.h"

#include <gmock/gmock.h>

#include "datasets/image_io.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/tiny_dataset.h"

namespace yoake::trainer {
namespace {

using testing::HasSubstr;

class SampleSheetTest : public testing::Test {
 protected:
  SampleSheetTest() {
    options_.dataset = WriteTinyDataset(scratch_.path(), 6, 1);
    options_.out = scratch_.path() / "sheet.png";
    options_.cell_px = 64;
  }

  // Height of the sheet; all are four cells wide.
  int Draw() {
    DrawSampleSheet(options_);
    const cv::Mat sheet = datasets::ReadImage(options_.out);
    EXPECT_EQ(sheet.cols, 4 * (64 + 8) + 8);
    return sheet.rows;
  }
  void Configure(const std::string& text) {
    options_.config = scratch_.path() / "config.json";
    WriteFileAtomically(options_.config, text);
  }

  ScratchFolder scratch_;
  SheetOptions options_;
};

TEST_F(SampleSheetTest, HoldsAsManyImagesAsThereAre) {
  const int two_rows = Draw();  // Twelve are asked for, there are six of 64 x 48.
  options_.count = 4;
  EXPECT_EQ(two_rows - 8, 2 * (Draw() - 8));
  EXPECT_EQ(Draw(), 8 + 48 + 18 + 8);
}

TEST_F(SampleSheetTest, ShowsTheTransformsThatAreOnAndTheSamples) {
  Configure(R"({"input_size": 64, "augment": {"hsv": {"hue": 0, "saturation": 0, "value": 0},
                "mosaic": {"prob": 0}, "grey": {"prob": 0.1}}})");
  const int both = Draw();  // Rows of grey and flip, three of samples, one of the last epochs.
  options_.overrides = {"augment.grey.prob=0"};
  EXPECT_EQ(both - Draw(), 18 + 48 + 18 + 8);
  const std::string bytes = ReadFile(options_.out);
  Draw();
  EXPECT_EQ(ReadFile(options_.out), bytes);
  options_.overrides = {"augment.grey.prob=0", "seed=1"};
  Draw();
  EXPECT_NE(ReadFile(options_.out), bytes);
  options_.transforms = {"mosaic", "multi_scale"};
  EXPECT_EQ(Draw(), 8 + 2 * (18 + 18 + 8) + 64 + 64 * 64 / (64 + 16)) << "off or not, and nothing else";
}

TEST_F(SampleSheetTest, SaysWhatItDoesNotKnow) {
  options_.transforms = {"mosiac"};
  EXPECT_THAT(MessageOf([&] { Draw(); }), HasSubstr("--augmented"));
  Configure("{}");
  EXPECT_THAT(MessageOf([&] { Draw(); }), HasSubstr("did you mean 'mosaic'"));
  options_.transforms = {};
  options_.overrides = {"augment.grey.pro=1"};
  EXPECT_THAT(MessageOf([&] { Draw(); }), HasSubstr("did you mean 'prob'"));
}

}  // namespace
}  // namespace yoake::trainer
