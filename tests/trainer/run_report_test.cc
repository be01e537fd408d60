#include "trainer/run/run_report.h"

#include <gmock/gmock.h>

#include <cmath>

#include "trainer/run/memory.h"
#include "trainer/run/results_picture.h"

namespace yoake::trainer {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ProgressBarTest, SaysWhatMattersFirst) {
  StepView view{.epoch = 3, .epochs = 40, .step = 130, .steps = 260, .box = 2.104, .obj = 2.43, .cls = 0.71};
  view.images_per_s = 31.24;
  view.rss_mb = 812.4;
  view.seconds_left = 320;
  EXPECT_EQ(
      ProgressText(view),
      "epoch 3/40 [======>     ] 130/260 5m 20s left | 31.2 img/s | 812 MB | box 2.10 obj 2.43 cls 0.71");
  view.l1 = 0.5;
  view.gpu_mb = 12345;
  view.step = 260;
  view.activity = "evaluating";
  EXPECT_THAT(ProgressText(view), HasSubstr("[============] 260/260 evaluating 5m 20s left"));
  EXPECT_THAT(ProgressText(view), HasSubstr("812 MB, GPU 12.3 GB"));
  EXPECT_THAT(ProgressText(view), HasSubstr("cls 0.71 l1 0.50"));
  EXPECT_EQ(ProgressText({.epochs = 2, .steps = 5, .rss_mb = 100}), "epoch 1/2 [>           ] 0/5 | 100 MB");
}

TEST(MemoryTest, CountsWhatIsHeld) {
  const std::vector<char> held(64 << 20, 'x');
  EXPECT_GT(PeakRssMb(), 67) << held.back();
  EXPECT_LT(PeakRssMb(), 1e5);
  EXPECT_FALSE(PeakGpuMb(c10::Device(c10::kCPU)).has_value());
}

std::vector<EpochRow> Rows(int epochs) {
  std::vector<EpochRow> rows;
  for (int i = 1; i <= epochs; ++i) {
    EpochRow row{
        .epoch = i, .seconds = 10.0 * i, .box_loss = 3.0 / i, .obj_loss = 9.0 / i, .cls_loss = 1.0 / i};
    row.lr = 0.02;
    if (i % 2 == 0) row.map50_95 = row.map50 = i == 4 ? 0.3 : 0.2;
    row.images_per_s = 30;
    row.peak_rss_mb = 500;
    rows.push_back(row);
  }
  return rows;
}

TEST(ResultsPictureTest, ShowsTheRunSoFar) {
  const std::string svg = ResultsSvg("day: YOLOX-nano", Rows(6), 40);
  EXPECT_THAT(svg,
              HasSubstr("epoch 6 of 40 after 1m 00s, about 5m 40s left; 30.0 images per second; peak memory "
                        "500 MB"));
  EXPECT_THAT(svg, HasSubstr("best 0.300 at 4"));
  EXPECT_THAT(svg, HasSubstr("nothing yet")) << "L1 has not begun";
  EXPECT_THAT(svg, HasSubstr("<title>epoch 2: 1.5</title>"));
  EXPECT_THAT(ResultsSvg("day", Rows(6), 6), Not(HasSubstr(" left")));
}

TEST(ResultsPictureTest, AnyRowsGiveAPicture) {
  std::vector<EpochRow> odd = Rows(1);
  odd[0].box_loss = NAN;
  odd[0].obj_loss = INFINITY;
  for (const auto& rows : {std::vector<EpochRow>{}, odd, Rows(500)}) {
    const std::string svg = ResultsSvg("a < b", rows, 500);
    EXPECT_THAT(svg, HasSubstr("a &lt; b"));
    EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

}  // namespace
}  // namespace yoake::trainer
