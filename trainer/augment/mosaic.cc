#include "trainer/augment/mosaic.h"

#include "trainer/augment/placed_image.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {

MosaicPlan DrawMosaicPlan(const MosaicRange& range, int size, RandomStream* random) {
  MosaicPlan plan;
  plan.corner_x = random->Uniform(-0.5, 0.5) * size;
  plan.corner_y = random->Uniform(-0.5, 0.5) * size;
  plan.scale = random->Uniform(range.scale_low, range.scale_high);
  plan.shift_x = random->Uniform(-range.translate, range.translate) * size;
  plan.shift_y = random->Uniform(-range.translate, range.translate) * size;
  return plan;
}

Sample MakeMosaic(const std::array<Sample, 4>& tiles, const MosaicPlan& plan, int size) {
  Sample mosaic;
  mosaic.image = cv::Mat(size, size, CV_8UC3, cv::Scalar::all(kPaddingGrey));
  const double corner_x = plan.scale * plan.corner_x + size / 2.0 + plan.shift_x;
  const double corner_y = plan.scale * plan.corner_y + size / 2.0 + plan.shift_y;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const Sample& tile = tiles[i];
    const double left = corner_x - (i % 2 == 0 ? tile.image.cols * plan.scale : 0);
    const double top = corner_y - (i < 2 ? tile.image.rows * plan.scale : 0);
    const Placement placement{left, top, plan.scale, plan.scale};
    const cv::Rect covered = CoveredPixels(tile.image.size(), placement, mosaic.image.size());
    DrawPlaced(tile.image, placement, covered.tl(), mosaic.image(covered));
    const auto boxes = MoveBoxes(tile.boxes, placement, size, size);
    mosaic.boxes.insert(mosaic.boxes.end(), boxes.begin(), boxes.end());
  }
  return mosaic;
}

TransformType MosaicType() {
  return {
      .name = "mosaic",
      .params = {Prob(1),
                 {.name = "scale_low", .value = 0.5, .low = 0.05, .high = 10},
                 {.name = "scale_high", .value = 1.5, .high = 10, .not_below = "scale_low"},
                 {.name = "translate", .value = 0.1, .high = 0.5}},
      .make =
          [](const TransformParams& params) {
            const MosaicRange range{params.at("scale_low"), params.at("scale_high"), params.at("translate")};
            return [range](const TransformInput& in, Sample* sample) {
              const auto other = [&] { return in.source.Load(in.random->Below(in.source.size())); };
              const std::array<Sample, 4> tiles = {*sample, other(), other(), other()};
              *sample = MakeMosaic(tiles, DrawMosaicPlan(range, in.size, in.random), in.size);
            };
          },
      .ends_early = true,
      .draws_from_sample = true};
}

}  // namespace yoake::trainer
